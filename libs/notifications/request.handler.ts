import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';
import { FeedSignal } from './feed-signal.js';
import { fanOutBatch } from './fan-out.js';
import { retractBatch } from './writing.queries.js';

/** People per transaction: enough to be efficient, few enough to delay nobody. */
const CHUNK = 1000;

/**
 * Notifies large audiences, one chunk per event. The transaction of a chunk records the event of the next one, which
 * any worker may handle.
 */
@Injectable()
export class RequestHandler {
  constructor(
    private readonly database: Database,
    private readonly feeds: FeedSignal,
  ) {}

  @OnOutboxEvent('notification.requested')
  async requested({ organizationId, payload }: RecordedEvent<'notification.requested'>): Promise<void> {
    await this.database.organizationTransaction(organizationId, async (tx) => {
      if (await fanOutBatch(tx, this.feeds, payload.request_id, CHUNK))
        tx.record('notification.requested', payload);
    });
  }

  @OnOutboxEvent('notification.retracted')
  async retracted({ organizationId, payload }: RecordedEvent<'notification.retracted'>): Promise<void> {
    await this.database.organizationTransaction(organizationId, async (tx) => {
      const isMore = (await retractBatch(tx, payload.request_id, CHUNK)) === CHUNK;
      if (isMore) tx.record('notification.retracted', payload);
    });
  }
}

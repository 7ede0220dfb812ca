import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { Handles, type RecordedEvent } from '#events';
import { WHOLE_ORGANIZATION } from '#identity';
import { expand } from './expansion.js';
import { retractSome } from './writing.repository.js';

/** A transaction for each so many: long enough to be fast, short enough to hold nobody up. */
const CHUNK = 1000;

/** Large audiences, a chunk an event: each has the next one follow it, on whatever worker. */
@Injectable()
export class RequestHandler {
  constructor(private readonly database: Database) {}

  @Handles('notification.requested')
  async requested({ organizationId, payload }: RecordedEvent<'notification.requested'>): Promise<void> {
    await this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, async (tx) => {
      if (await expand(tx, payload.request_id, CHUNK)) tx.record('notification.requested', payload);
    });
  }

  @Handles('notification.retracted')
  async retracted({ organizationId, payload }: RecordedEvent<'notification.retracted'>): Promise<void> {
    await this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, async (tx) => {
      const isMore = (await retractSome(tx, payload.request_id, CHUNK)) === CHUNK;
      if (isMore) tx.record('notification.retracted', payload);
    });
  }
}

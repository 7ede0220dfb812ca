import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';
import { markNewestRead } from './feed.queries.js';

/**
 * Marks what a request to mark all notifications as read has left, one batch per event. Notifications that arrived
 * after the request, or that it marked itself, have a higher seq, so they stay unread if they are.
 */
@Injectable()
export class ReadingHandler {
  constructor(private readonly database: Database) {}

  @OnOutboxEvent('notifications.reading')
  async reading({ organizationId, payload }: RecordedEvent<'notifications.reading'>): Promise<void> {
    const { user_id, type, up_to } = payload;
    await this.database.organizationTransaction(organizationId, async (tx) => {
      const { rest } = await markNewestRead(tx, user_id, { type: type ?? undefined, upTo: up_to });
      if (rest !== undefined) tx.record('notifications.reading', { ...payload, up_to: rest });
    });
  }
}

import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';
import { deleteAllOf } from './push-subscriptions.queries.js';

/** Deletes the subscriptions of removed members. If they become members again, they subscribe again. */
@Injectable()
export class MemberRemovedHandler {
  constructor(private readonly database: Database) {}

  @OnOutboxEvent('member.removed')
  async removed({ organizationId, payload, createdAt }: RecordedEvent<'member.removed'>): Promise<void> {
    await this.database.organizationTransaction(organizationId, (tx) =>
      deleteAllOf(tx, payload.user_id, createdAt),
    );
  }
}

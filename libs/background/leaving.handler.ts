import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { leaveSomeGroups, lockRemoved } from '#identity';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';

/** Has a removed member leave the groups that the removal did not, 1,000 per event. */
@Injectable()
export class LeavingHandler {
  constructor(private readonly database: Database) {}

  @OnOutboxEvent('member.leaving')
  async leaving({ organizationId, payload }: RecordedEvent<'member.leaving'>): Promise<void> {
    await this.database.organizationTransaction(organizationId, async (tx) => {
      if (!(await lockRemoved(tx, payload.user_id))) return;
      if (await leaveSomeGroups(tx, payload.user_id)) tx.record('member.leaving', payload);
    });
  }
}

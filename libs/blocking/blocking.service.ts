import { Injectable } from '@nestjs/common';
import { Database, type PageAfter, type Transaction } from '#database';
import type { PersonCaller } from '#identity';
import { Block } from './block.entity.js';
import { type BlockedPerson, insertBlock, listBlocked } from './blocks.queries.js';

/** Blocks between people. block and unblock run in a transaction of #messaging, which also adjusts unread counts. */
@Injectable()
export class BlockingService {
  constructor(private readonly database: Database) {}

  list(caller: PersonCaller, page: PageAfter): Promise<BlockedPerson[]> {
    return this.database.tenantTransaction(caller, (tx) => listBlocked(tx, caller.userId, page));
  }

  /** Returns false if the block exists already. */
  async block(tx: Transaction, caller: PersonCaller, userId: string): Promise<boolean> {
    const isNew = await insertBlock(tx, caller.userId, userId);
    if (isNew) tx.record('user.blocked', { blocker_id: caller.userId, blocked_id: userId });
    return isNew;
  }

  async unblock(tx: Transaction, caller: PersonCaller, userId: string): Promise<boolean> {
    const key = { organization_id: tx.organizationId, blocker_id: caller.userId, blocked_id: userId };
    const { affected } = await tx.repository(Block).delete(key);
    if (affected === 1) tx.record('user.unblocked', { blocker_id: caller.userId, blocked_id: userId });
    return affected === 1;
  }
}

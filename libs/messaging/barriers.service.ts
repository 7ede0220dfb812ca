import { Injectable } from '@nestjs/common';
import { Blocking } from '#blocking';
import { Database } from '#database';
import type { PersonCaller } from '#identity';
import { lockShared, settle } from './settlement.repository.js';

/** Blocks and what they change in threads. Both verbs can be repeated. */
@Injectable()
export class Barriers {
  constructor(
    private readonly database: Database,
    private readonly blocking: Blocking,
  ) {}

  /** What is unread from them is counted before they are blocked, since it counts no more after. */
  async block(caller: PersonCaller, person: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      const otherId = await this.blocking.personOf(tx, caller, person);
      const threadIds = await lockShared(tx, caller.userId, otherId);
      await settle(tx, caller.userId, otherId, threadIds, 1);
      await this.blocking.block(tx, caller, otherId);
    });
  }

  async unblock(caller: PersonCaller, person: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      const otherId = await this.blocking.personOf(tx, caller, person);
      const threadIds = await lockShared(tx, caller.userId, otherId);
      if (!(await this.blocking.unblock(tx, caller, otherId))) return;
      await settle(tx, caller.userId, otherId, threadIds, -1);
    });
  }
}

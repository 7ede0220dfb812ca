import { Injectable } from '@nestjs/common';
import { BlockingService } from '#blocking';
import { Database, type Transaction } from '#database';
import { type PersonCaller } from '#identity';
import { invalidField, notFound } from '#problem';
import { type Contact, findContacts } from '../policy/contacts.queries.js';
import { type SenderCount, countSent, lockUnreadThreads, adjustUnread } from './unread-of-blocked.queries.js';

/**
 * Blocks, and what they change in threads. Blocking and unblocking can be repeated. They run with the
 * organization-wide scope, because policies that are checked for each message would be most of the cost of counting.
 */
@Injectable()
export class BlocksService {
  constructor(
    private readonly database: Database,
    private readonly blocking: BlockingService,
  ) {}

  async block(caller: PersonCaller, person: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      const other = await nameOther(tx, caller, person);
      if (other.blockedByMe) return;
      const counted = await countAndLock(tx, caller, other);
      if (!(await this.blocking.block(tx, caller, other.userId))) return;
      await adjustUnread(tx, caller.userId, other.userId, counted, 1);
    });
  }

  async unblock(caller: PersonCaller, person: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      const other = await nameOther(tx, caller, person);
      if (!other.blockedByMe) return;
      const counted = await countAndLock(tx, caller, other);
      if (!(await this.blocking.unblock(tx, caller, other.userId))) return;
      await adjustUnread(tx, caller.userId, other.userId, counted, -1);
    });
  }
}

async function nameOther(tx: Transaction, caller: PersonCaller, person: string): Promise<Contact> {
  const [other] = await findContacts(tx, 'ofOrganization', [{ askerId: caller.userId, person }]);
  if (!other) throw notFound();
  if (other.userId === caller.userId) throw invalidField('person', 'must be another person');
  return other;
}

/** Counts before it locks, because sends wait for the lock. A thread created in between has no count yet. */
async function countAndLock(
  tx: Transaction,
  { userId }: PersonCaller,
  other: Contact,
): Promise<SenderCount[]> {
  const counted = new Map(
    (await countSent(tx, userId, other.userId)).map((count) => [count.thread_id, count]),
  );
  const threadIds = await lockUnreadThreads(tx, userId, other.userId);
  return threadIds.map((thread_id) => counted.get(thread_id) ?? { thread_id, after: -1, up_to: 0, count: 0 });
}

import { Injectable } from '@nestjs/common';
import { type AuditedAction, audit } from '#audit';
import { Database, type Transaction } from '#database';
import { type Caller, assertStillHolds, lockMembers } from '#identity';
import { Problem, notFound } from '#problem';
import { type OverseenThread, findPersonOrFail, listAnyThreads } from './oversight.queries.js';
import { assertMayJoin, assertMayRename } from '../participants/group-limits.queries.js';
import {
  type LockedThread,
  appointOwner,
  changeOwner,
  join,
  leave,
  lockThread,
  saveSubject,
} from '../participants/participants.queries.js';

export interface GroupRepair {
  /** A participant, by id or username. */
  owner?: string;
  subject?: string;
}

/**
 * Changes of groups by moderators, who need not be participants, so contact rules do not apply. Each change has one
 * audit entry with its reason in the same transaction. People are locked before the thread, in the order of a
 * removal.
 */
@Injectable()
export class GroupModerationService {
  constructor(private readonly database: Database) {}

  change(caller: Caller, threadId: string, repair: GroupRepair, reason: string): Promise<OverseenThread> {
    return this.database.organizationTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'messages:moderate');
      const { owner, subject } = repair;
      const ownerId = owner === undefined ? undefined : await lockMember(tx, owner);
      const group = await lockGroup(tx, threadId);
      if (ownerId !== undefined && !(await changeOwner(tx, threadId, ownerId))) {
        throw new Problem('conflict', 'The new owner is not in this group: add them first.');
      }
      if (subject !== undefined) {
        assertMayRename(group);
        await saveSubject(tx, threadId, subject);
      }
      const details = { owner_id: ownerId, subject };
      await audit(tx, caller, { ...entryOf('thread.moderate', threadId, reason), details });
      return findGroup(tx, threadId);
    });
  }

  /**
   * Returns the group, and whether the person was added now. If the group has no owner, the person becomes its owner.
   */
  add(
    caller: Caller,
    threadId: string,
    person: string,
    reason: string,
  ): Promise<{ thread: OverseenThread; added: boolean }> {
    return this.database.organizationTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'messages:moderate');
      const user_id = await lockMember(tx, person);
      const group = await lockGroup(tx, threadId);
      await assertMayJoin(tx, threadId, user_id, group);
      const added = await join(tx, threadId, user_id);
      await appointOwner(tx, threadId);
      if (added) {
        tx.record('participant.joined', { thread_id: threadId, user_id, added_by: caller.userId ?? null });
      }
      await audit(tx, caller, { ...entryOf('participant.add', threadId, reason), details: { user_id } });
      return { thread: await findGroup(tx, threadId), added };
    });
  }

  async remove(caller: Caller, threadId: string, person: string, reason: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'messages:moderate');
      const user_id = await findPersonOrFail(tx, person);
      await lockGroup(tx, threadId);
      if (!(await leave(tx, threadId, user_id))) throw notFound();
      tx.record('participant.left', { thread_id: threadId, user_id, removed_by: caller.userId ?? null });
      await audit(tx, caller, { ...entryOf('participant.remove', threadId, reason), details: { user_id } });
    });
  }
}

const entryOf = (action: AuditedAction['action'], targetId: string, reason: string) => ({
  action,
  targetType: 'thread' as const,
  targetId,
  reason,
});

async function lockMember(tx: Transaction, person: string): Promise<string> {
  const [member] = await lockMembers(tx, [await findPersonOrFail(tx, person)]);
  if (!member) throw notFound();
  return member;
}

async function lockGroup(tx: Transaction, threadId: string): Promise<LockedThread> {
  const thread = await lockThread(tx, threadId);
  if (!thread) throw notFound();
  if (thread.kind === 'direct')
    throw new Problem('conflict', 'A direct thread cannot be moderated: name a group.');
  return thread;
}

async function findGroup(tx: Transaction, threadId: string): Promise<OverseenThread> {
  const [group] = await listAnyThreads(tx, { threadId, limit: 1 });
  if (!group) throw notFound();
  return group;
}

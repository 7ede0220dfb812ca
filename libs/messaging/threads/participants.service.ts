import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { type PersonCaller, assertStillHolds, isId, lockMembers, sendsOf } from '#identity';
import { Problem, notFound } from '#problem';
import { assertMayJoin, assertMayRename } from '../participants/group-limits.queries.js';
import {
  type LockedThread,
  type OwnSettings,
  type Participation,
  findParticipation,
  hideThread,
  join,
  leave,
  lockThread,
  saveSettings,
  saveSubject,
} from '../participants/participants.queries.js';
import { assertReachable } from '../policy/contact-policy.js';
import { findContact, findContactOrFail } from '../policy/contacts.queries.js';
import { type ThreadView, findThread } from './threads.queries.js';

export interface ThreadChange extends OwnSettings {
  subject?: string;
}

/** The participants of a thread, and their personal settings of it. */
@Injectable()
export class ParticipantsService {
  constructor(private readonly database: Database) {}

  change(caller: PersonCaller, threadId: string, change: ThreadChange): Promise<ThreadView> {
    return this.database.tenantTransaction(caller, async (tx) => {
      if (change.subject === undefined) await findOwnParticipation(tx, caller, threadId);
      else {
        const isModerator = await findIsModerator(tx, caller);
        const { thread, mine } = await lockOwnParticipation(tx, caller, threadId);
        assertMayChangeGroup(mine, isModerator);
        assertMayRename(thread);
        await saveSubject(tx, threadId, change.subject);
      }
      await saveSettings(tx, caller.userId, threadId, change);
      return (await findThread(tx, caller.userId, threadId))!;
    });
  }

  /**
   * Returns the thread, and whether the person was added now. Between the decision and the commit neither person can
   * be removed, nor can the caller be blocked: their locks come before that of the thread.
   */
  add(
    caller: PersonCaller,
    threadId: string,
    person: string,
  ): Promise<{ thread: ThreadView; added: boolean }> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const [, before] = await Promise.all([
        tx.lockAllShared([sendsOf(caller.userId)]),
        findOwnParticipation(tx, caller, threadId),
      ]);
      const isModerator = await findIsModerator(tx, caller);
      assertMayChangeGroup(before, isModerator);
      const added = await findContactOrFail(tx, caller, person);
      assertReachable(added);
      if ((await lockMembers(tx, [caller.userId, added.userId])).length < 2) throw notFound();
      const { thread, mine } = await lockOwnParticipation(tx, caller, threadId);
      assertMayChangeGroup(mine, isModerator);
      await assertMayJoin(tx, threadId, added.userId, thread);
      const isNew = await join(tx, threadId, added.userId);
      if (isNew) {
        tx.record('participant.joined', {
          thread_id: threadId,
          user_id: added.userId,
          added_by: caller.userId,
        });
      }
      return { thread: (await findThread(tx, caller.userId, threadId))!, added: isNew };
    });
  }

  /** Removes a group that the caller has left from their list. */
  async hide(caller: PersonCaller, threadId: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      const { mine } = await lockOwnParticipation(tx, caller, threadId);
      if (mine.kind === 'direct')
        throw new Problem('conflict', 'A direct thread cannot be deleted: archive it.');
      if (!mine.left_at) throw new Problem('conflict', 'You are in this group: leave it first.');
      if (!(await hideThread(tx, threadId, caller.userId))) throw notFound();
    });
  }

  /** Removes the caller or, by its owner, somebody else. */
  async remove(caller: PersonCaller, threadId: string, person: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      const removedId = await idOf(tx, caller, person);
      const isModerator = removedId !== caller.userId && (await findIsModerator(tx, caller));
      // A caller who may not change the group gets the same response whether the person exists or not.
      const { mine } = await lockOwnParticipation(tx, caller, threadId);
      if (removedId !== caller.userId) assertMayChangeGroup(mine, isModerator);
      else if (mine.kind === 'direct')
        throw new Problem('conflict', 'A direct thread cannot be left: mute or archive it.');
      if (removedId === undefined || !(await leave(tx, threadId, removedId))) throw notFound();
      tx.record('participant.left', {
        thread_id: threadId,
        user_id: removedId,
        removed_by: caller.userId,
      });
    });
  }
}

/** Finds a person by id or username. A participant of a group may have left the organization. */
async function idOf(tx: Transaction, caller: PersonCaller, person: string): Promise<string | undefined> {
  if (isId(person)) return person.toLowerCase();
  const [found] = await findContact(tx, caller, [person]);
  return found?.userId;
}

async function findOwnParticipation(
  tx: Transaction,
  { userId }: PersonCaller,
  threadId: string,
): Promise<Participation> {
  const mine = await findParticipation(tx, userId, threadId);
  if (!mine) throw notFound();
  return mine;
}

/** The caller's participation, after waiting for concurrent changes of the thread, which may have changed the owner. */
async function lockOwnParticipation(
  tx: Transaction,
  caller: PersonCaller,
  threadId: string,
): Promise<{ thread: LockedThread; mine: Participation }> {
  const [thread, mine] = await Promise.all([
    lockThread(tx, threadId),
    findOwnParticipation(tx, caller, threadId),
  ]);
  return { thread: thread!, mine };
}

/** Whether the caller still holds messages:moderate. Locks the caller's membership, so it comes before any thread. */
const findIsModerator = async (tx: Transaction, caller: PersonCaller): Promise<boolean> =>
  caller.permissions.has('messages:moderate') &&
  (await assertStillHolds(tx, caller)).has('messages:moderate');

/** Only the owner may change a group, or a participant with messages:moderate. */
function assertMayChangeGroup({ kind, left_at, owner_since }: Participation, isModerator: boolean): void {
  if (kind === 'direct')
    throw new Problem(
      'conflict',
      'The subject and the people of a direct thread cannot be changed: create a group.',
    );
  if (left_at) throw new Problem('forbidden', 'You have left this thread: ask its owner to add you again.');
  if (!owner_since && !isModerator) {
    throw new Problem('forbidden', 'Only the owner of the group can do this: ask them.');
  }
}

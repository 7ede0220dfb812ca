import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { type PersonCaller, lockMembers, sendsOf } from '#identity';
import { type FieldError, PROBLEMS, Problem, notFound } from '#problem';
import { type History, type HistoryPage, findHistory } from '../messages/history.queries.js';
import { type ThreadMark, findThreadMarks } from '../messages/readers.queries.js';
import { type Context, insertGroup, openDirect } from './open-thread.queries.js';
import { assertMayHaveGroups } from '../participants/group-limits.queries.js';
import { MAX_PARTICIPANTS } from '../participants/participants.queries.js';
import { type Contact, findContact, findContactOrFail } from '../policy/contacts.queries.js';
import { type ContactRefusal, contactRefusal } from '../policy/contact-policy.js';
import { type ThreadList, type ThreadView, findThread, listThreads } from './threads.queries.js';

export interface GroupInput {
  /** Generated if not given. The demo needs a known id. */
  id?: string;
  persons: string[];
  subject: string;
  context?: Context;
}

@Injectable()
export class ThreadsService {
  constructor(private readonly database: Database) {}

  /**
   * Returns the direct thread with a person, or creates it. Contact rules only apply to creation. A block of the
   * caller waits for it, and so does a removal of either person once it is created.
   */
  startDirect(
    caller: PersonCaller,
    person: string,
    newId?: string,
  ): Promise<ThreadView & { created: boolean }> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const [, other] = await Promise.all([
        tx.lockAllShared([sendsOf(caller.userId)]),
        findContactOrFail(tx, caller, person),
      ]);
      const refusal = contactRefusal(other, new Date());
      if (other.threadId && refusal !== 'blocked_by_you') {
        return { ...(await view(tx, caller, other.threadId)), created: false };
      }
      if (refusal) throw new Problem(refusal);
      const pair = { userId: caller.userId, otherId: other.userId, id: newId };
      const [opened] = await openDirect(tx, [pair]);
      const { id, created } = opened!;
      await assertMembers(tx, [caller.userId, other.userId]);
      if (created) recordCreated(tx, caller, id, 'direct', [other.userId]);
      return { ...(await view(tx, caller, id)), created };
    });
  }

  startGroup(caller: PersonCaller, input: GroupInput): Promise<ThreadView & { created: boolean }> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const [, others] = await Promise.all([
        tx.lockAllShared([sendsOf(caller.userId)]),
        findContact(tx, caller, input.persons),
      ]);
      const participantIds = assertAllReachable(caller, input.persons, others);
      await assertMembers(tx, [caller.userId, ...participantIds]);
      await assertMayHaveGroups(tx, [caller.userId, ...participantIds]);
      const id = await insertGroup(tx, caller, { ...input, participantIds });
      recordCreated(tx, caller, id, 'group', participantIds);
      return { ...(await view(tx, caller, id)), created: true };
    });
  }

  list(caller: PersonCaller, list: ThreadList): Promise<ThreadView[]> {
    return this.database.tenantRead(caller, (tx) => listThreads(tx, caller.userId, list));
  }

  get(
    caller: PersonCaller,
    threadId: string,
    page: HistoryPage,
  ): Promise<{ thread: ThreadView; history: History; marks: ThreadMark[] }> {
    return this.database.tenantRead(caller, async (tx) => {
      const [thread, history, marks] = await Promise.all([
        findThread(tx, caller.userId, threadId),
        findHistory(tx, caller.userId, threadId, page),
        findThreadMarks(tx, caller.userId, threadId),
      ]);
      if (!thread || !history) throw notFound();
      return { thread, history, marks };
    });
  }
}

/** Refuses people who are not members, and keeps the others members until the transaction ends. */
async function assertMembers(tx: Transaction, userIds: string[]): Promise<void> {
  if ((await lockMembers(tx, userIds)).length < userIds.length) throw notFound();
}

async function view(tx: Transaction, { userId }: PersonCaller, threadId: string): Promise<ThreadView> {
  const thread = await findThread(tx, userId, threadId);
  if (!thread) throw notFound();
  return thread;
}

function recordCreated(
  tx: Transaction,
  { userId }: PersonCaller,
  threadId: string,
  kind: 'direct' | 'group',
  otherIds: string[],
): void {
  tx.record('thread.created', {
    thread_id: threadId,
    kind,
    user_id: userId,
    participant_ids: [userId, ...otherIds],
  });
}

/**
 * A group must not bypass a rule or a block: each person is checked as for a direct message. The creator may name
 * themselves, and is not checked.
 */
function assertAllReachable(
  caller: PersonCaller,
  persons: string[],
  others: (Contact | undefined)[],
): string[] {
  const now = new Date();
  const refusals = others.flatMap((other, index): (FieldError & { code: ContactRefusal })[] => {
    if (other?.userId === caller.userId) return [];
    const code = other ? contactRefusal(other, now) : 'not_found';
    return code ? [{ code, field: `participant_ids.${index}`, message: PROBLEMS[code][2] }] : [];
  });
  const ids = [...new Set(others.flatMap((other) => (other ? [other.userId] : [])))];
  const [first] = refusals;
  if (first) {
    const named = refusals.map(({ field, message }) => ({ field, message }));
    throw new Problem(first.code, `${persons[Number(first.field.split('.')[1])]}: ${first.message}`, named);
  }
  const otherIds = ids.filter((id) => id !== caller.userId);
  if (otherIds.length === 0 || otherIds.length >= MAX_PARTICIPANTS) {
    throw new Problem(
      'validation_failed',
      `A group has 2 to ${MAX_PARTICIPANTS} people: name 1 to ${MAX_PARTICIPANTS - 1} others.`,
      [{ field: 'participant_ids', message: `must name 1 to ${MAX_PARTICIPANTS - 1} others` }],
    );
  }
  return otherIds;
}

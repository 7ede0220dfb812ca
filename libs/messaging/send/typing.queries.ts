import { hasBlocked } from '#blocking';
import type { Transaction } from '#database';
import type { PersonCaller } from '#identity';
import { findParticipation } from '../participants/participants.queries.js';
import { contactRefusal } from '../policy/contact-policy.js';
import { findPartnerFacts } from '../policy/contacts.queries.js';

/** Whether the person may send to the thread now, and so may show others that they type. */
export async function mayType(tx: Transaction, caller: PersonCaller, threadId: string): Promise<boolean> {
  const [mine, partner] = await Promise.all([
    findParticipation(tx, caller.userId, threadId),
    findPartnerFacts(tx, caller, threadId),
  ]);
  if (!mine || mine.left_at) return false;
  return mine.kind === 'group' || (partner !== undefined && contactRefusal(partner, new Date()) === null);
}

/** A person who types in a thread, and another one who has it open. */
export interface TypingPair {
  threadId: string;
  typistId: string;
  readerId: string;
}

const isIn = (person: string): string =>
  `EXISTS (
     SELECT FROM participants
     WHERE organization_id = $1 AND thread_id = asked.thread_id AND user_id = ${person} AND left_at IS NULL OFFSET 0)`;

const memberOf = (person: string): string =>
  `(SELECT appear_offline FROM members
    WHERE organization_id = $1 AND user_id = ${person} AND removed_at IS NULL OFFSET 0)`;

/**
 * The pairs whose reader may see that the other person types. For organization-wide scope, because people do not see the
 * blocks of others. Blocks hold in both directions, and a person who appears offline does not type either.
 */
export async function findTypingReaders(tx: Transaction, pairs: TypingPair[]): Promise<TypingPair[]> {
  const found = await tx.query<{ at: number }>(
    `SELECT asked.at
     FROM unnest($2::integer[], $3::uuid[], $4::uuid[], $5::uuid[]) AS asked (at, thread_id, typist_id, reader_id)
     CROSS JOIN LATERAL ${memberOf('asked.typist_id')} AS typist
     CROSS JOIN LATERAL ${memberOf('asked.reader_id')} AS reader
     WHERE NOT typist.appear_offline
       AND ${isIn('asked.typist_id')} AND ${isIn('asked.reader_id')}
       AND NOT ${hasBlocked('asked.typist_id', 'asked.reader_id')}
       AND NOT ${hasBlocked('asked.reader_id', 'asked.typist_id')}`,
    [
      tx.organizationId,
      pairs.map((_, at) => at),
      pairs.map(({ threadId }) => threadId),
      pairs.map(({ typistId }) => typistId),
      pairs.map(({ readerId }) => readerId),
    ],
  );
  return found.map(({ at }) => pairs[at]!);
}

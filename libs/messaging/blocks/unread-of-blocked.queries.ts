import type { Transaction } from '#database';
import { sendsOf } from '#identity';

/**
 * Holds up whatever the other one sends, in whatever thread, also one that is only being made: what they have
 * sent is complete then, and each send after it sees what this transaction does. Holds the one's rows in the
 * threads that the two share too, in order, and answers with these threads.
 */
export async function lockSharedThreads(tx: Transaction, userId: string, otherId: string): Promise<string[]> {
  const [, shared] = await Promise.all([
    tx.lock(sendsOf(otherId)),
    tx.query<{ thread_id: string }>(
      `SELECT mine.thread_id ${SHARED} ORDER BY mine.thread_id FOR NO KEY UPDATE OF mine`,
      [tx.organizationId, userId, otherId],
    ),
  ]);
  return shared.map(({ thread_id }) => thread_id);
}

/** How many messages of a sender lie in a part of a thread, deleted and hidden ones included. */
export interface SenderCount {
  thread_id: string;
  /** Counted are the messages after this one … */
  after: number;
  /** … up to this one. */
  up_to: number;
  count: number;
}

const SHARED = `
  FROM participants AS mine
  JOIN participants AS theirs ON theirs.organization_id = $1 AND theirs.thread_id = mine.thread_id
                             AND theirs.user_id = $3
  WHERE mine.organization_id = $1 AND mine.user_id = $2`;

/** Messages of the sender $3, from the index messages_sender alone. */
const sentIn = (threadId: string, after: string, upTo: string): string =>
  `(SELECT count(*) FROM messages
    WHERE organization_id = $1 AND sender_id = $3 AND messages.thread_id = ${threadId} AND seq > ${after} AND seq <= ${upTo})`;

/**
 * Counts the messages of the other after my read mark in each thread that we share. It takes no lock, so that the
 * counting, which grows with what is unread, does not hold up sends. Messages never go and are numbered in the order of
 * commits, so the count stays true for the numbers that it names.
 */
export const countSent = (tx: Transaction, userId: string, otherId: string): Promise<SenderCount[]> =>
  tx.query<SenderCount>(
    `SELECT thread_id, after, up_to, ${sentIn('shared.thread_id', 'shared.after', 'shared.up_to')} AS count
     FROM (
       SELECT mine.thread_id, mine.last_read_seq AS after, coalesce(mine.newest_seq, (
         SELECT last_seq FROM threads WHERE organization_id = $1 AND id = mine.thread_id)) AS up_to
       ${SHARED} OFFSET 0) AS shared`,
    [tx.organizationId, userId, otherId],
  );

/** The last message that the participant sees; no limit while they are in a group. */
const NEWEST = `coalesce(mine.newest_seq, ${Number.MAX_SAFE_INTEGER})`;

/**
 * Takes what the one has unread of the other out of the count (1), or back into it (-1): all that the other has sent
 * after the read mark, but for what was deleted for everyone and what the one has deleted for themselves. Under the
 * locks only what came since it was counted is counted; everything anew where the read mark has moved meanwhile.
 */
export async function adjustUnread(
  tx: Transaction,
  userId: string,
  otherId: string,
  counted: SenderCount[],
  sign: 1 | -1,
): Promise<void> {
  await tx.query(
    `UPDATE participants AS mine
     SET settled = settled + $8 * (
       CASE WHEN mine.last_read_seq = counted.after
         THEN counted.count + ${sentIn('mine.thread_id', 'counted.up_to', NEWEST)}
         ELSE ${sentIn('mine.thread_id', 'mine.last_read_seq', NEWEST)} END
       - (SELECT count(*) FROM messages
          WHERE organization_id = $1 AND sender_id = $3 AND thread_id = mine.thread_id
            AND seq > mine.last_read_seq AND seq <= ${NEWEST} AND deleted_at IS NOT NULL)
       - (SELECT count(*) FROM hidden_messages AS hidden
          CROSS JOIN LATERAL (
            SELECT FROM messages AS message
            WHERE message.organization_id = $1 AND message.thread_id = hidden.thread_id
              AND message.seq = hidden.seq AND message.sender_id = $3 AND message.deleted_at IS NULL
            OFFSET 0) AS message
          WHERE hidden.organization_id = $1 AND hidden.thread_id = mine.thread_id AND hidden.user_id = $2
            AND hidden.seq > mine.last_read_seq AND hidden.seq <= ${NEWEST}))
     FROM unnest($4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[]) AS counted (thread_id, after, up_to, count)
     WHERE mine.organization_id = $1 AND mine.user_id = $2 AND mine.thread_id = counted.thread_id`,
    [
      tx.organizationId,
      userId,
      otherId,
      counted.map(({ thread_id }) => thread_id),
      counted.map(({ after }) => after),
      counted.map(({ up_to }) => up_to),
      counted.map(({ count }) => count),
      sign,
    ],
  );
}

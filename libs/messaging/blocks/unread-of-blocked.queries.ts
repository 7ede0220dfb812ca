import type { Transaction } from '#database';
import { sendsOf } from '#identity';

/**
 * Blocks all sends of the other person, in every thread, including one that is being created: earlier sends are
 * complete, and later ones see what this transaction does. Also locks the person's rows in the threads where they have
 * not read something of the other person, in order, and returns these threads.
 */
export async function lockUnreadThreads(tx: Transaction, userId: string, otherId: string): Promise<string[]> {
  const [, unread] = await Promise.all([
    tx.lock(sendsOf(otherId)),
    tx.query<{ thread_id: string }>(
      `SELECT mine.thread_id ${UNREAD} ORDER BY mine.thread_id FOR NO KEY UPDATE OF mine`,
      [tx.organizationId, userId, otherId],
    ),
  ]);
  return unread.map(({ thread_id }) => thread_id);
}

/** The number of messages of a sender in a part of a thread, including deleted and hidden ones. */
export interface SenderCount {
  thread_id: string;
  /** The seq after which counting starts. */
  after: number;
  /** The last seq that is counted. */
  up_to: number;
  count: number;
}

/**
 * Of most threads that two people share everything is read: they are neither counted nor locked nor changed. EXISTS would
 * be a join, and PostgreSQL, once it has waited for the lock of a row, looks only at the message that it had joined:
 * if that one was read meanwhile, it would leave out the thread with the later messages.
 */
const UNREAD = `
  FROM participants AS mine
  JOIN participants AS theirs ON theirs.organization_id = $1 AND theirs.thread_id = mine.thread_id
                             AND theirs.user_id = $3
  WHERE mine.organization_id = $1 AND mine.user_id = $2
    AND mine.last_read_seq < (
      SELECT max(seq) FROM messages
      WHERE organization_id = $1 AND sender_id = $3 AND messages.thread_id = mine.thread_id)`;

/** Counts messages of the sender $3, from the index messages_sender alone. */
const sentIn = (threadId: string, after: string, upTo: string): string =>
  `(SELECT count(*) FROM messages
    WHERE organization_id = $1 AND sender_id = $3 AND messages.thread_id = ${threadId} AND seq > ${after} AND seq <= ${upTo})`;

/**
 * Counts the other person's messages after the read mark in each of these threads. It takes no lock, so that counting,
 * whose cost grows with the number of unread messages, does not delay sends. Messages are never deleted and are
 * numbered in commit order, so the count stays correct for its range.
 */
export const countSent = (tx: Transaction, userId: string, otherId: string): Promise<SenderCount[]> =>
  tx.query<SenderCount>(
    `SELECT thread_id, after, up_to, ${sentIn('shared.thread_id', 'shared.after', 'shared.up_to')} AS count
     FROM (
       SELECT mine.thread_id, mine.last_read_seq AS after, coalesce(mine.newest_seq, (
         SELECT last_seq FROM threads WHERE organization_id = $1 AND id = mine.thread_id)) AS up_to
       ${UNREAD} OFFSET 0) AS shared`,
    [tx.organizationId, userId, otherId],
  );

/** The last message that the participant sees. There is no limit while they are in a group. */
const NEWEST = `coalesce(mine.newest_seq, ${Number.MAX_SAFE_INTEGER})`;

/**
 * Subtracts the other person's unread messages from the count (1), or adds them back (-1): all that they sent after
 * the read mark, except messages deleted for everyone or hidden by the person. Under the locks, only messages since
 * the count are counted, or all of them if the read mark has moved meanwhile.
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

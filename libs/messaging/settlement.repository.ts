import type { Transaction } from '#database';
import { isUnread } from './message.view.js';

/**
 * Holds up, in order of their ids, the threads that two people share, and the one's rows in them: what the other
 * has sent there is complete then, and each send after it sees what this transaction does. Whoever opens a thread
 * with them or joins one needs their rows as members, which are held up too; only then it is sure which threads
 * they share.
 */
export async function lockShared(tx: Transaction, userId: string, otherId: string): Promise<string[]> {
  const people = [tx.organizationId, userId, otherId];
  const [, , threads] = await Promise.all([
    tx.query(LOCK_THREADS, people),
    tx.query(LOCK_MEMBERS, people),
    tx.query<{ id: string }>(LOCK_THREADS, people),
  ]);
  const ids = threads.map(({ id }) => id);
  await tx.query(
    `SELECT FROM participants WHERE organization_id = $1 AND user_id = $2 AND thread_id = ANY ($3)
     ORDER BY thread_id FOR NO KEY UPDATE`,
    [tx.organizationId, userId, ids],
  );
  return ids;
}

const LOCK_THREADS = `
  SELECT threads.id
  FROM participants AS mine
  JOIN participants AS theirs ON theirs.organization_id = $1 AND theirs.thread_id = mine.thread_id
                             AND theirs.user_id = $3
  JOIN threads ON threads.organization_id = $1 AND threads.id = mine.thread_id
  WHERE mine.organization_id = $1 AND mine.user_id = $2
  ORDER BY threads.id FOR NO KEY UPDATE OF threads`;

/** After the threads: whoever sends holds the thread first, and then their own row by its foreign key. */
const LOCK_MEMBERS = `
  SELECT FROM members WHERE organization_id = $1 AND user_id IN ($2, $3) ORDER BY user_id FOR UPDATE`;

/** Takes what the one has unread of the other out of the count (1), or back into it (-1). */
export async function settle(
  tx: Transaction,
  userId: string,
  otherId: string,
  threadIds: string[],
  sign: 1 | -1,
): Promise<void> {
  await tx.query(
    `UPDATE participants AS mine
     SET settled = settled + $5 * (
       SELECT count(*) FROM messages AS message
       WHERE message.organization_id = $1 AND message.sender_id = $3 AND message.thread_id = mine.thread_id
         AND ${isUnread('message', 'mine')})
     WHERE mine.organization_id = $1 AND mine.user_id = $2 AND mine.thread_id = ANY ($4)`,
    [tx.organizationId, userId, otherId, threadIds, sign],
  );
}

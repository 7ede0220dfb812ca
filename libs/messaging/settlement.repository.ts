import type { Transaction } from '#database';
import { sendsOf } from '#identity';
import { isUnread } from './message.view.js';

/**
 * Holds up whatever the other one sends, in whatever thread, also one that is only being made: what they have
 * sent is complete then, and each send after it sees what this transaction does. Holds the one's rows in the
 * threads that the two share too, in order, and answers with these threads.
 */
export async function lockShared(tx: Transaction, userId: string, otherId: string): Promise<string[]> {
  const [, shared] = await Promise.all([
    tx.lock(sendsOf(otherId)),
    tx.query<{ thread_id: string }>(
      `SELECT mine.thread_id
       FROM participants AS mine
       JOIN participants AS theirs ON theirs.organization_id = $1 AND theirs.thread_id = mine.thread_id
                                  AND theirs.user_id = $3
       WHERE mine.organization_id = $1 AND mine.user_id = $2
       ORDER BY mine.thread_id FOR NO KEY UPDATE OF mine`,
      [tx.organizationId, userId, otherId],
    ),
  ]);
  return shared.map(({ thread_id }) => thread_id);
}

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
         AND ${isUnread('message', 'mine', '$2')})
     WHERE mine.organization_id = $1 AND mine.user_id = $2 AND mine.thread_id = ANY ($4)`,
    [tx.organizationId, userId, otherId, threadIds, sign],
  );
}

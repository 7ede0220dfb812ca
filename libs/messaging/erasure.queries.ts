import { blockersOf } from '#blocking';
import type { Transaction } from '#database';
import { type ErasureStep, erasureBy } from '#identity';

/**
 * The messages of an erased person remain without a sender. For people who had blocked them, each message is hidden
 * first, because the block that hid it is deleted with the person. Each blocker adds one row per message.
 */
export const eraseSender: ErasureStep = async (tx, userId, limit) => {
  const blockers = await countBlockers(tx, userId);
  const most = Math.max(1, Math.floor(limit / (1 + blockers)));
  const sent = await tx.query<{ thread_id: string; seq: number }>(
    `SELECT thread_id, seq FROM messages WHERE organization_id = $1 AND sender_id = $2
     ORDER BY thread_id, seq LIMIT $3 FOR NO KEY UPDATE`,
    [tx.organizationId, userId, most],
  );
  const places = [sent.map(({ thread_id }) => thread_id), sent.map(({ seq }) => seq)];
  if (blockers > 0) {
    await tx.query(
      `INSERT INTO hidden_messages (organization_id, thread_id, user_id, seq)
       SELECT $1, sent.thread_id, blocker_id, sent.seq
       FROM unnest($3::uuid[], $4::bigint[]) AS sent (thread_id, seq)
       CROSS JOIN LATERAL (
         SELECT blocker_id FROM (${blockersOf('$2')}) AS each
         WHERE EXISTS (SELECT FROM participants WHERE organization_id = $1 AND thread_id = sent.thread_id
                         AND user_id = blocker_id OFFSET 0) OFFSET 0) AS blocker
       ON CONFLICT DO NOTHING`,
      [tx.organizationId, userId, ...places],
    );
  }
  await tx.query('SELECT app_erase_sender($1, $2, $3)', [userId, ...places]);
  return { rows: sent.length * (1 + blockers), isMore: sent.length === most };
};

async function countBlockers(tx: Transaction, userId: string): Promise<number> {
  const [found] = await tx.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM (${blockersOf('$2')}) AS blocker`,
    [tx.organizationId, userId],
  );
  return found!.count;
}

/** Nobody can send into these threads while they are locked. */
const MAX_THREADS = 250;

export const eraseReadMarks = erasureBy('app_erase_read_marks');
export const eraseHiddenMessages = erasureBy('app_erase_hidden_messages');

/**
 * Removes the person from their threads. In a direct thread, the other person keeps the thread, with an id that
 * nobody has as their partner. If they had blocked the erased person, it leaves their lists permanently. Threads are
 * locked in the order of sends.
 */
export const leaveThreads: ErasureStep = async (tx, userId, limit) => {
  const most = Math.min(limit, MAX_THREADS);
  const parts = await tx.query<{ thread_id: string }>(
    `SELECT thread_id FROM participants WHERE organization_id = $1 AND user_id = $2 ORDER BY thread_id LIMIT $3`,
    [tx.organizationId, userId, most],
  );
  const threadIds = parts.map(({ thread_id }) => thread_id);
  await tx.query('SELECT FROM threads WHERE organization_id = $1 AND id = ANY ($2) ORDER BY id FOR UPDATE', [
    tx.organizationId,
    threadIds,
  ]);
  await hideFromBlockers(tx, userId, threadIds);
  await tx.query('SELECT app_leave_threads($1, $2)', [userId, threadIds]);
  return { rows: parts.length, isMore: parts.length === most };
};

/** The inbox counts the direct threads of a person minus those with blocked people, so this thread is subtracted. */
async function hideFromBlockers(tx: Transaction, userId: string, threadIds: string[]): Promise<void> {
  await tx.query(
    `WITH hidden AS (
       UPDATE participants SET hidden_at = now()
       WHERE organization_id = $1 AND thread_id = ANY ($3) AND partner_id = $2 AND hidden_at IS NULL
         AND user_id IN (${blockersOf('$2')})
       RETURNING user_id
     )
     UPDATE members SET direct_threads = direct_threads - 1
     FROM hidden WHERE organization_id = $1 AND members.user_id = hidden.user_id`,
    [tx.organizationId, userId, threadIds],
  );
}

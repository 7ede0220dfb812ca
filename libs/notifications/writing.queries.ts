import type { Transaction } from '#database';
import type { EventMap } from '#events';
import { WITH_STATUS } from './status.js';

/**
 * The notifications of an edited message show its new text, except those of people who left the thread before the
 * edit, also if they have joined again, and of people who were removed and have yet to leave it. The lock waits for
 * people who are leaving.
 */
export async function updateBody(
  tx: Transaction,
  { message_id, thread_id, seq }: EventMap['message.edited'],
  body: string,
): Promise<void> {
  await Promise.all([
    tx.query('SELECT FROM threads WHERE organization_id = $1 AND id = $2 FOR SHARE', [
      tx.organizationId,
      thread_id,
    ]),
    tx.query(
      `UPDATE notifications SET body = $5
       FROM (SELECT edited_at FROM messages WHERE organization_id = $1 AND id = $2) AS message
       WHERE notifications.organization_id = $1 AND source_id = $2 AND EXISTS (
         SELECT FROM participants AS reader
         WHERE reader.organization_id = $1 AND reader.thread_id = $3 AND reader.user_id = notifications.user_id
           AND reader.joined_seq < $4 AND CASE
             WHEN reader.left_at IS NOT NULL THEN reader.left_at >= message.edited_at
             WHEN reader.partner_id IS NULL THEN EXISTS (
               SELECT FROM members WHERE organization_id = $1 AND user_id = reader.user_id AND removed_at IS NULL)
             ELSE true END OFFSET 0)`,
      [tx.organizationId, message_id, thread_id, seq, body],
    ),
  ]);
}

/** For everybody, or for one person. */
export async function retractNotifications(
  tx: Transaction,
  sourceId: string,
  userId?: string,
): Promise<number> {
  const retracted = await tx.query(
    `UPDATE notifications SET deleted_at = now()
     WHERE organization_id = $1 AND source_id = $2 AND deleted_at IS NULL AND ($3::uuid IS NULL OR user_id = $3)
     RETURNING true`,
    [tx.organizationId, sourceId, userId],
  );
  return retracted.length;
}

/**
 * Marks notifications as read once the person has read the thread, in batches. Returns true if there may be more: a
 * statement for all of them would exceed its time limit.
 */
export async function markAggregationRead(
  tx: Transaction,
  userId: string,
  aggregationId: string,
  upToSeq: number,
  limit: number,
): Promise<boolean> {
  const marked = await Promise.all(
    [WITH_STATUS.unread, 'suppressed_at IS NOT NULL AND read_at IS NULL AND deleted_at IS NULL'].map(
      (condition) =>
        tx.query(
          `UPDATE notifications SET read_at = now()
           WHERE organization_id = $1 AND user_id = $2 AND seq = ANY (ARRAY(
             SELECT seq FROM notifications
             WHERE organization_id = $1 AND user_id = $2 AND aggregation_id = $3 AND message_seq <= $4
               AND type = 'MESSAGE' AND ${condition}
             ORDER BY seq LIMIT $5 FOR UPDATE))
           RETURNING true`,
          [tx.organizationId, userId, aggregationId, upToSeq, limit],
        ),
    ),
  );
  return marked.some(({ length }) => length === limit);
}

/** The same for a draft with many recipients, in batches. Returns how many there were. */
export async function retractBatch(tx: Transaction, sourceId: string, limit: number): Promise<number> {
  const retracted = await tx.query(
    `UPDATE notifications SET deleted_at = now()
     WHERE organization_id = $1 AND (source_id, user_id) IN (
       SELECT source_id, user_id FROM notifications
       WHERE organization_id = $1 AND source_id = $2 AND deleted_at IS NULL
       ORDER BY user_id LIMIT $3 FOR UPDATE)
     RETURNING true`,
    [tx.organizationId, sourceId, limit],
  );
  return retracted.length;
}

/** Shows in the feed that the notification was sent by e-mail. */
export async function markEmailed(tx: Transaction, notificationIds: string[]): Promise<void> {
  await tx.query(
    `UPDATE notifications SET delivered_via_email_at = coalesce(delivered_via_email_at, now())
     WHERE organization_id = $1 AND id = ANY ($2)`,
    [tx.organizationId, notificationIds],
  );
}

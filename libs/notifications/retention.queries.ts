import type { Transaction } from '#database';

export interface OldestOfType {
  type: string;
  days_old: number;
}

/** Reads only the first index entry of each type, one after the other, however many notifications there are. */
export const findOldest = (tx: Transaction): Promise<OldestOfType[]> =>
  tx.query<OldestOfType>(
    `WITH RECURSIVE oldest AS (
       (SELECT type, created_at FROM notifications WHERE organization_id = $1 ORDER BY type, created_at LIMIT 1)
       UNION ALL
       SELECT next.type, next.created_at FROM oldest CROSS JOIN LATERAL (
         SELECT type, created_at FROM notifications WHERE organization_id = $1 AND type > oldest.type
         ORDER BY type, created_at LIMIT 1) AS next
     )
     SELECT type, (extract(epoch FROM now() - created_at) / 86400)::float8 AS days_old FROM oldest`,
    [tx.organizationId],
  );

/** Skips locked rows. They are deleted in the next run. */
export async function removeOlder(
  tx: Transaction,
  type: string,
  days: number,
  limit: number,
): Promise<number> {
  const removed = await tx.query(
    `DELETE FROM notifications WHERE organization_id = $1 AND (user_id, seq) IN (
       SELECT user_id, seq FROM notifications
       WHERE organization_id = $1 AND type = $2 AND created_at < now() - make_interval(days => $3)
       ORDER BY created_at LIMIT $4 FOR UPDATE SKIP LOCKED)
     RETURNING true`,
    [tx.organizationId, type, days, limit],
  );
  return removed.length;
}

/** Expired notifications are permanently invisible, and deleting them keeps them out of the counts. */
export async function deleteExpired(tx: Transaction, limit: number): Promise<number> {
  const deleted = await tx.query(
    `UPDATE notifications SET deleted_at = now() WHERE organization_id = $1 AND (user_id, seq) IN (
       SELECT user_id, seq FROM notifications
       WHERE organization_id = $1 AND expires_at <= now() AND deleted_at IS NULL
       ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING true`,
    [tx.organizationId, limit],
  );
  return deleted.length;
}

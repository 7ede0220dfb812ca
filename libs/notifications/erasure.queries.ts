import { blockersOf } from '#blocking';
import type { ErasureStep } from '#identity';

/**
 * Hides notifications from people who had blocked the erased person: they must not appear once the block is deleted.
 */
export const hideFromBlockers: ErasureStep = async (tx, userId, limit) => {
  const hidden = await tx.query(
    `UPDATE notifications SET deleted_at = now() WHERE organization_id = $1 AND (user_id, seq) IN (
       SELECT about.user_id, about.seq
       FROM (${blockersOf('$2')}) AS blocker CROSS JOIN LATERAL (
         SELECT user_id, seq FROM notifications
         WHERE organization_id = $1 AND user_id = blocker_id AND actor_id = $2 AND deleted_at IS NULL
         LIMIT $3) AS about
       LIMIT $3)
     RETURNING true`,
    [tx.organizationId, userId, limit],
  );
  return { rows: hidden.length, isMore: hidden.length === limit };
};

/** Erases notifications with their deliveries. */
export const eraseNotifications: ErasureStep = async (tx, userId, limit) => {
  const gone = await tx.query(
    `DELETE FROM notifications WHERE organization_id = $1 AND user_id = $2 AND seq IN (
       SELECT seq FROM notifications WHERE organization_id = $1 AND user_id = $2 ORDER BY seq LIMIT $3)
     RETURNING true`,
    [tx.organizationId, userId, limit],
  );
  return { rows: gone.length, isMore: gone.length === limit };
};

export const eraseUnreadCounts: ErasureStep = async (tx, userId, limit) => {
  const gone = await tx.query(
    `DELETE FROM unread_counts WHERE organization_id = $1 AND user_id = $2
       AND (type, aggregation_id, actor_id) IN (
         SELECT type, aggregation_id, actor_id FROM unread_counts
         WHERE organization_id = $1 AND user_id = $2 LIMIT $3)
     RETURNING true`,
    [tx.organizationId, userId, limit],
  );
  return { rows: gone.length, isMore: gone.length === limit };
};

import type { ErasureStep } from '#identity';

/** Deletes the person's blocks, and the blocks of others against the person. */
export const eraseBlocks: ErasureStep = async (tx, userId, limit) => {
  const gone = await tx.query(
    `DELETE FROM blocks WHERE organization_id = $1 AND (blocker_id, blocked_id) IN (
       (SELECT blocker_id, blocked_id FROM blocks WHERE organization_id = $1 AND blocker_id = $2 LIMIT $3)
       UNION ALL
       (SELECT blocker_id, blocked_id FROM blocks WHERE organization_id = $1 AND blocked_id = $2 LIMIT $3))
     RETURNING true`,
    [tx.organizationId, userId, limit],
  );
  return { rows: gone.length, isMore: gone.length >= limit };
};

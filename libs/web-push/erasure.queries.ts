import type { ErasureStep } from '#identity';

/** Without a limit, because a person has few subscriptions. */
export const erasePushSubscriptions: ErasureStep = async (tx, userId) => {
  const gone = await tx.query(
    'DELETE FROM push_subscriptions WHERE organization_id = $1 AND user_id = $2 RETURNING true',
    [tx.organizationId, userId],
  );
  return { rows: gone.length, isMore: false };
};

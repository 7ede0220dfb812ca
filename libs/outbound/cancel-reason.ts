/** Reasons that admins know anyway, or caused themselves. */
export const PUBLIC_REASONS = [
  'expired',
  'member_removed',
  'no_address',
  'endpoint_deleted',
  'endpoint_disabled',
  'browser_unsubscribed',
] as const;

/** Reasons that reveal what the person has read, whom they block, or their preferences. Only the person sees them. */
export const PRIVATE_REASONS = [
  'deleted',
  'read',
  'actor_blocked',
  'muted',
  'turned_off',
  'subscription_removed',
] as const;

/** Why a delivery was cancelled. */
export type CancelReason = (typeof PUBLIC_REASONS)[number] | (typeof PRIVATE_REASONS)[number];

/** Rows from before reasons were stored have none, and none is public. */
export const isPublicReason = (reason: CancelReason | null): boolean =>
  PUBLIC_REASONS.some((one) => one === reason);

/** Known to admins anyway, or of their own making. */
export const PUBLIC_REASONS = [
  'expired',
  'member_removed',
  'no_address',
  'endpoint_deleted',
  'endpoint_disabled',
  'browser_unsubscribed',
] as const;

/** Says what the person has read, whom they block, or what they want: told to nobody else. */
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

/** Of what was cancelled before there were reasons, nothing is public. */
export const isPublicReason = (reason: CancelReason | null): boolean =>
  PUBLIC_REASONS.some((one) => one === reason);

import { type CancelReason, isPublicReason } from '#outbound';

const FOR_PERSON: Record<CancelReason, string> = {
  expired: 'It had expired.',
  member_removed: 'You were no longer a member.',
  no_address: 'You no longer had an e-mail address.',
  endpoint_deleted: 'The webhook was deleted.',
  endpoint_disabled: 'The webhook is disabled.',
  browser_unsubscribed: 'The browser no longer accepts notifications.',
  deleted: 'It was retracted, or you deleted it.',
  read: 'You had read it before.',
  actor_blocked: 'You block the person it is about.',
  muted: 'You had muted the conversation.',
  turned_off: 'It had been turned off in the preferences.',
  subscription_removed: 'Notifications were turned off in this browser.',
};

const FOR_ADMIN: Partial<Record<CancelReason, string>> = {
  expired: 'It has expired.',
  member_removed: 'The person is no longer a member.',
  no_address: 'The person no longer has an e-mail address.',
  endpoint_deleted: 'The endpoint was deleted.',
  endpoint_disabled: 'The endpoint is disabled.',
  browser_unsubscribed: 'The browser has unsubscribed: the push service no longer knows it.',
};

const PRIVATE = 'No longer wanted.';

export const reasonForPerson = (reason: CancelReason): string => FOR_PERSON[reason];

export const reasonForAdmin = (reason: CancelReason | null): string =>
  (reason && isPublicReason(reason) && FOR_ADMIN[reason]) || PRIVATE;

import { type Sources, nextDigest, resolve } from '#preferences';
import { type CancelReason, type OutboundDelivery, hasWaited } from '#outbound';
import type { DeliveryOutcome } from './outcome.queries.js';

type Unwanted = { later: Date } | { never: CancelReason };
export type Recheck = { now: true } | Unwanted;

/**
 * Whether an item should still be sent. A delivery that has waited, for a digest or for the end of quiet hours, is
 * decided again by current preferences, and is dropped if the notification was read. One that is sent at once was
 * decided a moment ago.
 */
export function recheckBeforeSend(item: OutboundDelivery, sources: Sources | undefined): Recheck {
  const now = item.delivery.claimed_at;
  const gone = goneBecause(item, now);
  if (gone !== null) return { never: gone };
  if (!hasWaited(item) || !sources) return { now: true };
  if (item.notification.read_at) return { never: 'read' };
  const decision = resolve(sources, {
    at: now,
    priority: item.notification.priority,
    mutedUntil: item.recipient.muted_until,
  })[item.delivery.channel];
  if (decision.value === 'off') return { never: decision.source === 'thread' ? 'muted' : 'turned_off' };
  return decision.delayed_until ? { later: dueAfter(item, sources, decision.delayed_until) } : { now: true };
}

/** A digest waits for the first of its times after the pause or quiet hours, as when they begin or change. */
const dueAfter = ({ delivery: { digest } }: OutboundDelivery, sources: Sources, until: Date): Date =>
  digest ? nextDigest(digest, sources, until) : until;

/** Nothing was sent, so the attempt does not count. */
export const outcomeOfUnwanted = (unwanted: Unwanted): DeliveryOutcome =>
  'later' in unwanted
    ? { status: 'waiting', due: { at: unwanted.later }, counts: false }
    : { status: 'cancelled', reason: unwanted.never };

/** Expiry is checked first, because housekeeping deletes expired notifications later. */
function goneBecause({ notification, recipient }: OutboundDelivery, now: Date): CancelReason | null {
  if (notification.expires_at && notification.expires_at <= now) return 'expired';
  if (notification.deleted_at) return 'deleted';
  if (recipient.removed_at) return 'member_removed';
  if (recipient.blocks_actor) return 'actor_blocked';
  return null;
}

import { type Sources, resolve } from '#preferences';
import type { Parcel } from './parcel.js';
import type { Settlement } from './settling.repository.js';

type Unwanted = { later: Date } | { never: string };
export type Wanted = { now: true } | Unwanted;

/**
 * Whether a parcel should still be sent. What has waited, for a digest or for quiet hours to end, is decided anew by
 * what holds now, and is not wanted once it has been read; what is sent at once was decided a moment ago.
 */
export function wantedStill(parcel: Parcel, sources: Sources | undefined): Wanted {
  const now = parcel.delivery.claimed_at;
  const gone = goneBecause(parcel, now);
  if (gone !== null) return { never: gone };
  if (!hasWaited(parcel) || !sources) return { now: true };
  if (parcel.notification.read_at) return { never: 'It was read before.' };
  const decision = resolve(sources, {
    at: now,
    priority: parcel.notification.priority,
    mutedUntil: parcel.recipient.muted_until,
  })[parcel.delivery.channel];
  if (decision.value === 'off') return { never: `It was turned off meanwhile, by ${decision.rule}.` };
  return decision.delayed_until ? { later: decision.delayed_until } : { now: true };
}

/** Nothing was tried, so no attempt counts. */
export const settlementOfUnwanted = (unwanted: Unwanted): Settlement =>
  'later' in unwanted
    ? { status: 'waiting', due: { at: unwanted.later }, counts: false }
    : { status: 'cancelled', error: unwanted.never };

export const hasWaited = ({ delivery, notification }: Parcel): boolean =>
  delivery.digest !== null || notification.decisions[delivery.channel].delayed_until !== null;

function goneBecause({ notification, recipient }: Parcel, now: Date): string | null {
  if (notification.deleted_at) return 'It was taken back or deleted.';
  if (notification.expires_at && notification.expires_at <= now) return 'It has expired.';
  if (recipient.removed_at) return 'The person is no member any more.';
  if (recipient.blocks_actor) return 'The person blocks who did it.';
  return null;
}

import type { Transaction } from '#database';
import { type CancelReason, isPublicReason, type OutboundDelivery, hasWaited } from '#outbound';
import type { DeliveryStatus } from './entities.js';

const MAX_ERROR_LENGTH = 500;

/** What an attempt came to. Whoever lost the claim meanwhile, since it took too long, changes nothing. */
export type DeliveryOutcome =
  | { status: 'sent' }
  | { status: 'failed'; error: string }
  | { status: 'cancelled'; reason: CancelReason }
  /** The attempt does not count where nothing was tried. */
  | { status: 'waiting'; due: Due; error?: string; counts: boolean };

/** A time that quiet hours or a pause end at, or a pause by the clock of the database. */
type Due = { at: Date } | { afterSeconds: number };

const CHANGES: Record<DeliveryOutcome['status'], string> = {
  sent: 'sent_at = now(), last_error = NULL',
  failed: 'last_error = $5',
  cancelled: 'last_error = NULL, reason = $5',
  waiting: `last_error = coalesce($5, last_error), attempts = deliveries.attempts - $6::integer,
    due_at = coalesce($7, now() + make_interval(secs => $8))`,
};

export async function recordOutcome(
  tx: Transaction,
  items: OutboundDelivery[],
  outcome: DeliveryOutcome,
): Promise<void> {
  const { status } = outcome;
  const values: unknown[] = [
    tx.organizationId,
    items.map(({ delivery }) => delivery.id),
    items.map(({ delivery }) => delivery.attempts),
    shownStatus(items, outcome),
    ...(status === 'sent' ? [] : [explanationOf(outcome)]),
    ...(outcome.status === 'waiting' ? [outcome.counts ? 0 : 1, ...timeOf(outcome.due)] : []),
  ];
  await tx.query(
    `UPDATE deliveries SET status = $4, leased_until = NULL, ${CHANGES[status]}
     FROM unnest($2::uuid[], $3::integer[]) AS mine (id, attempts)
     WHERE deliveries.organization_id = $1 AND deliveries.id = mine.id AND deliveries.status = 'waiting'
       AND deliveries.attempts = mine.attempts`,
    values,
  );
}

const timeOf = (due: Due): unknown[] => ('at' in due ? [due.at, null] : [null, due.afterSeconds]);

/**
 * Of what has waited, to be cancelled would show that it was read, and to be sent that it was not. Both end as closed,
 * so that no status, count or filter that admins see tells them apart.
 */
function shownStatus(items: OutboundDelivery[], outcome: DeliveryOutcome): DeliveryStatus {
  const isPrivate = outcome.status === 'cancelled' && !isPublicReason(outcome.reason);
  const isTelling = outcome.status === 'sent' || isPrivate;
  return isTelling && items.every(hasWaited) ? 'closed' : outcome.status;
}

function explanationOf(outcome: DeliveryOutcome): string | null {
  if (outcome.status === 'cancelled') return outcome.reason;
  return 'error' in outcome ? (outcome.error?.slice(0, MAX_ERROR_LENGTH) ?? null) : null;
}

/** A worker that stops gives back what it has not finished, for another one to send at once. */
export const release = (tx: Transaction, items: OutboundDelivery[]): Promise<void> =>
  recordOutcome(tx, items, { status: 'waiting', due: { afterSeconds: 0 }, counts: false });

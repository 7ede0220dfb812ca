import type { Transaction } from '#database';
import { type CancelReason, isPublicReason, type OutboundDelivery, hasWaited } from '#outbound';
import type { DeliveryStatus } from './entities.js';

const MAX_ERROR_LENGTH = 500;

/** The result of an attempt. It is ignored if the claim was lost meanwhile, because the attempt took too long. */
export type DeliveryOutcome =
  | { status: 'sent' }
  | { status: 'failed'; error: string }
  | { status: 'cancelled'; reason: CancelReason }
  /** counts is false if nothing was sent, so that the attempt does not count. */
  | { status: 'waiting'; due: Due; error?: string; counts: boolean };

/** A fixed time, such as the end of quiet hours, or a delay by the clock of the database. */
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
 * If a delivery has waited, "cancelled" would reveal that the notification was read, and "sent" that it was not. Both
 * end as closed, so that no status, count or filter that admins see distinguishes them.
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

/** A stopping worker releases what it has not finished, so that another one sends it at once. */
export const release = (tx: Transaction, items: OutboundDelivery[]): Promise<void> =>
  recordOutcome(tx, items, { status: 'waiting', due: { afterSeconds: 0 }, counts: false });

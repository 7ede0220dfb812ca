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
  parcels: OutboundDelivery[],
  settlement: DeliveryOutcome,
): Promise<void> {
  const { status } = settlement;
  const values: unknown[] = [
    tx.organizationId,
    parcels.map(({ delivery }) => delivery.id),
    parcels.map(({ delivery }) => delivery.attempts),
    shownStatus(parcels, settlement),
    ...(status === 'sent' ? [] : [explanationOf(settlement)]),
    ...(settlement.status === 'waiting' ? [settlement.counts ? 0 : 1, ...timeOf(settlement.due)] : []),
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
function shownStatus(parcels: OutboundDelivery[], settlement: DeliveryOutcome): DeliveryStatus {
  const isPrivate = settlement.status === 'cancelled' && !isPublicReason(settlement.reason);
  const isTelling = settlement.status === 'sent' || isPrivate;
  return isTelling && parcels.every(hasWaited) ? 'closed' : settlement.status;
}

function explanationOf(settlement: DeliveryOutcome): string | null {
  if (settlement.status === 'cancelled') return settlement.reason;
  return 'error' in settlement ? (settlement.error?.slice(0, MAX_ERROR_LENGTH) ?? null) : null;
}

/** So that the person sees in their feed that it has also reached them by e-mail. */
export async function markEmailed(tx: Transaction, notificationIds: string[]): Promise<void> {
  await tx.query(
    `UPDATE notifications SET delivered_via_email_at = coalesce(delivered_via_email_at, now())
     WHERE organization_id = $1 AND id = ANY ($2)`,
    [tx.organizationId, notificationIds],
  );
}

/** A worker that stops gives back what it has not finished, for another one to send at once. */
export const release = (tx: Transaction, parcels: OutboundDelivery[]): Promise<void> =>
  recordOutcome(tx, parcels, { status: 'waiting', due: { afterSeconds: 0 }, counts: false });

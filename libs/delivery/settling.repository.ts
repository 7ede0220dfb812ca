import type { Transaction } from '#database';
import { type CancelReason, isPublicReason } from './cancel-reason.js';
import type { DeliveryStatus } from './entities.js';
import { type Parcel, hasWaited } from './parcel.js';
import type { Waiting } from './planning.repository.js';

const LONGEST_ERROR = 500;

/** What an attempt came to. Whoever lost the claim meanwhile, since it took too long, changes nothing. */
export type Settlement =
  | { status: 'sent' }
  | { status: 'failed'; error: string }
  | { status: 'cancelled'; reason: CancelReason }
  /** The attempt does not count where nothing was tried. */
  | { status: 'waiting'; due_at: Date; error?: string; counts: boolean };

const CHANGES: Record<Settlement['status'], string> = {
  sent: 'sent_at = now(), last_error = NULL',
  failed: 'last_error = $5',
  cancelled: 'last_error = NULL, reason = $5',
  waiting: 'last_error = coalesce($5, last_error), due_at = $6, attempts = deliveries.attempts - $7::integer',
};

/** Answers with those that wait for another time. */
export async function settle(tx: Transaction, parcels: Parcel[], settlement: Settlement): Promise<Waiting[]> {
  const { status } = settlement;
  const values: unknown[] = [
    tx.organizationId,
    parcels.map(({ delivery }) => delivery.id),
    parcels.map(({ delivery }) => delivery.attempts),
    shownStatus(parcels, settlement),
    ...(status === 'sent' ? [] : [explanationOf(settlement)]),
    ...(settlement.status === 'waiting' ? [settlement.due_at, settlement.counts ? 0 : 1] : []),
  ];
  const settled = await tx.query<Waiting>(
    `UPDATE deliveries SET status = $4, leased_until = NULL, ${CHANGES[status]}
     FROM unnest($2::uuid[], $3::integer[]) AS mine (id, attempts)
     WHERE deliveries.organization_id = $1 AND deliveries.id = mine.id AND deliveries.status = 'waiting'
       AND deliveries.attempts = mine.attempts
     RETURNING deliveries.id, user_id, channel, target_id, digest, due_at, deliveries.attempts`,
    values,
  );
  return status === 'waiting' ? settled : [];
}

/**
 * Of what has waited, to be cancelled would show that it was read, and to be sent that it was not. Both end as closed,
 * so that no status, count or filter that admins see tells them apart.
 */
function shownStatus(parcels: Parcel[], settlement: Settlement): DeliveryStatus {
  const isPrivate = settlement.status === 'cancelled' && !isPublicReason(settlement.reason);
  const isTelling = settlement.status === 'sent' || isPrivate;
  return isTelling && parcels.every(hasWaited) ? 'closed' : settlement.status;
}

function explanationOf(settlement: Settlement): string | null {
  if (settlement.status === 'cancelled') return settlement.reason;
  return 'error' in settlement ? (settlement.error?.slice(0, LONGEST_ERROR) ?? null) : null;
}

/** So that the person sees in their feed that it has also reached them by e-mail. */
export async function markMailed(tx: Transaction, notificationIds: string[]): Promise<void> {
  await tx.query(
    `UPDATE notifications SET delivered_via_email_at = coalesce(delivered_via_email_at, now())
     WHERE organization_id = $1 AND id = ANY ($2)`,
    [tx.organizationId, notificationIds],
  );
}

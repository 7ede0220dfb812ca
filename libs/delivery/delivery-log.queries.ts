import type { PageBefore, Transaction } from '#database';
import { PUBLIC_REASONS, SENT_CHANNELS, type SentChannel } from '#outbound';
import { DELIVERY_STATUSES, type Delivery, type DeliveryStatus } from './entities.js';

export interface DeliveryList extends PageBefore {
  status?: DeliveryStatus;
  channel?: SentChannel;
}

const COLUMNS = `organization_id, id, notification_id, user_id, channel, target_id, digest, status, due_at, attempts,
  leased_until, last_error, reason, sent_at, created_at`;

/** Above the id of every delivery. */
const MAX_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Newest first. */
export function listDeliveries(
  tx: Transaction,
  { status, channel, before = MAX_ID, limit }: DeliveryList,
): Promise<Delivery[]> {
  if (!status && !channel) {
    return tx.query<Delivery>(
      `SELECT ${COLUMNS} FROM deliveries WHERE organization_id = $1 AND id < $3 ORDER BY id DESC LIMIT $2`,
      [tx.organizationId, limit, before],
    );
  }
  return tx.query<Delivery>(LISTED, [
    tx.organizationId,
    limit,
    before,
    status ? [status] : DELIVERY_STATUSES,
    channel ? [channel] : SENT_CHANNELS,
  ]);
}

/**
 * Looks up the newest deliveries of each included status and channel, so that it reads none that the filter leaves out.
 * Rows are compared because this order comes from one index only. With `status = …` the planner could read the primary
 * key, which has all the others too, if statistics do not know that few match.
 */
const LISTED = `
  SELECT ${COLUMNS} FROM unnest($4::text[]) AS any_status CROSS JOIN unnest($5::text[]) AS any_channel
  CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM deliveries
    WHERE organization_id = $1 AND (status, channel) >= (any_status, any_channel)
      AND (status, channel, id) < (any_status, any_channel, $3)
    ORDER BY status DESC, channel DESC, id DESC LIMIT $2) AS listed
  ORDER BY id DESC LIMIT $2`;

export const listOfNotification = (tx: Transaction, notificationId: string): Promise<Delivery[]> =>
  tx.query<Delivery>(
    `SELECT ${COLUMNS} FROM deliveries WHERE organization_id = $1 AND notification_id = $2 ORDER BY channel, id`,
    [tx.organizationId, notificationId],
  );

export async function findDelivery(tx: Transaction, id: string): Promise<Delivery | undefined> {
  const [delivery] = await tx.query<Delivery>(
    `SELECT ${COLUMNS} FROM deliveries WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, id],
  );
  return delivery;
}

/** undefined if it does not exist, was sent, is no longer wanted by the person, or is being sent. */
export async function resetForRetry(tx: Transaction, id: string): Promise<Delivery | undefined> {
  const [reset] = await tx.query<Delivery>(
    `UPDATE deliveries SET status = 'waiting', due_at = now(), attempts = 0, leased_until = NULL, digest = NULL,
       reason = NULL
     WHERE organization_id = $1 AND id = $2
       AND (status IN ('waiting', 'failed') OR status = 'cancelled' AND reason = ANY ($3))
       AND (leased_until IS NULL OR leased_until < now())
     RETURNING ${COLUMNS}`,
    [tx.organizationId, id, PUBLIC_REASONS],
  );
  return reset;
}

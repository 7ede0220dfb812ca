import { type PageBefore, Parameters, type Transaction } from '#database';
import { PUBLIC_REASONS, type SentChannel } from '#outbound';
import type { Delivery, DeliveryStatus } from './entities.js';

export interface DeliveryList extends PageBefore {
  status?: DeliveryStatus;
  channel?: SentChannel;
}

const COLUMNS = `organization_id, id, notification_id, user_id, channel, target_id, digest, status, due_at, attempts,
  leased_until, last_error, reason, sent_at, created_at`;

/** The statement contains only the given filters, because it is planned once for any values. */
export function listDeliveries(
  tx: Transaction,
  { status, channel, before, limit }: DeliveryList,
): Promise<Delivery[]> {
  const parameters = new Parameters(tx.organizationId, limit);
  const conditions = [
    'organization_id = $1',
    ...parameters.optional('status =', status),
    ...parameters.optional('channel =', channel),
    ...parameters.optional('id <', before),
  ];
  return tx.query<Delivery>(
    `SELECT ${COLUMNS} FROM deliveries WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT $2`,
    parameters.values,
  );
}

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

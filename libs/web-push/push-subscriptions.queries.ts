import { v7 as uuid } from 'uuid';
import type { Transaction } from '#database';
import type { PushSubscription } from './push-subscription.entity.js';

/** The address of a browser, as PushSubscription.toJSON() returns it. */
export interface BrowserSubscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

export type ShownSubscription = Pick<PushSubscription, 'id' | 'endpoint' | 'created_at'>;

/** Moves the browser to this person. The subscription counts as new if the person did not have it. */
export async function saveSubscription(
  tx: Transaction,
  userId: string,
  { endpoint, keys }: BrowserSubscription,
): Promise<ShownSubscription & { created: boolean }> {
  const [saved] = await tx.query<ShownSubscription & { created: boolean }>(
    `WITH known AS (
       SELECT FROM push_subscriptions WHERE organization_id = $1 AND endpoint = $4 AND user_id = $3
     )
     INSERT INTO push_subscriptions (organization_id, id, user_id, endpoint, p256dh, auth)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organization_id, endpoint) DO UPDATE
     SET user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth
     RETURNING id, endpoint, created_at, NOT EXISTS (SELECT FROM known) AS created`,
    [tx.organizationId, uuid(), userId, endpoint, keys.p256dh, keys.auth],
  );
  return saved!;
}

/** Deletes all but the newest ones. */
export async function dropOldest(tx: Transaction, userId: string, kept: number): Promise<void> {
  await tx.query(
    `DELETE FROM push_subscriptions WHERE organization_id = $1 AND id IN (
       SELECT id FROM push_subscriptions WHERE organization_id = $1 AND user_id = $2
       ORDER BY created_at DESC, id DESC OFFSET $3)`,
    [tx.organizationId, userId, kept],
  );
}

export const listSubscriptions = (tx: Transaction, userId: string): Promise<ShownSubscription[]> =>
  tx.query<ShownSubscription>(
    `SELECT id, endpoint, created_at FROM push_subscriptions
     WHERE organization_id = $1 AND user_id = $2 ORDER BY created_at, id`,
    [tx.organizationId, userId],
  );

/** Only if it belongs to this person: a delivery for the previous person must not be shown to the next one. */
export async function findSubscription(
  tx: Transaction,
  userId: string,
  id: string,
): Promise<BrowserSubscription | undefined> {
  const [found] = await tx.query<BrowserSubscription>(
    `SELECT endpoint, json_build_object('p256dh', p256dh, 'auth', auth) AS keys FROM push_subscriptions
     WHERE organization_id = $1 AND id = $2 AND user_id = $3`,
    [tx.organizationId, id, userId],
  );
  return found;
}

export async function deleteByEndpoint(tx: Transaction, userId: string, endpoint: string): Promise<void> {
  await tx.query(
    'DELETE FROM push_subscriptions WHERE organization_id = $1 AND endpoint = $2 AND user_id = $3',
    [tx.organizationId, endpoint, userId],
  );
}

export async function deleteSubscription(tx: Transaction, id: string): Promise<void> {
  await tx.query('DELETE FROM push_subscriptions WHERE organization_id = $1 AND id = $2', [
    tx.organizationId,
    id,
  ]);
}

export async function deleteAllOf(tx: Transaction, userId: string, before: Date): Promise<void> {
  await tx.query(
    'DELETE FROM push_subscriptions WHERE organization_id = $1 AND user_id = $2 AND created_at < $3',
    [tx.organizationId, userId, before],
  );
}

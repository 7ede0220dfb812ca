import { MAX, NIL } from 'uuid';
import type { RelayPool, Transaction } from '#database';
import type { Delivery } from './entities.js';

export type Delayed = Pick<Delivery, 'id' | 'user_id' | 'digest'>;

export interface Place {
  user_id: string;
  delivery_id: string;
}

/** Sorts after all delivery ids of a person. */
export const LAST_ID = MAX;

export const START: Place = {
  user_id: NIL,
  delivery_id: NIL,
};

/** The organizations with waiting deliveries of a person. */
export async function organizationsWaiting(relay: RelayPool, userId: string): Promise<string[]> {
  const rows = await relay.query<{ organization_id: string }>(
    `SELECT DISTINCT organization_id FROM deliveries
     WHERE user_id = $1 AND status = 'waiting' AND due_at > now()`,
    [userId],
  );
  return rows.map(({ organization_id }) => organization_id);
}

/** Members from this id on, in order of ids. */
export async function membersFrom(tx: Transaction, userId: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ user_id: string }>(
    'SELECT user_id FROM members WHERE organization_id = $1 AND user_id >= $2 ORDER BY user_id LIMIT $3',
    [tx.organizationId, userId, limit],
  );
  return rows.map(({ user_id }) => user_id);
}

/**
 * Deliveries that wait for a time and have no attempt yet, ordered by person and id. Webhooks only wait for retries,
 * so they are left out. OFFSET 0 looks each person up by key.
 */
export const findDelayed = (
  tx: Transaction,
  userIds: string[],
  after: Place,
  limit: number,
): Promise<Delayed[]> =>
  tx.query<Delayed>(
    `SELECT waiting.id, waiting.user_id, waiting.digest
     FROM unnest($2::uuid[]) AS person (user_id)
     CROSS JOIN LATERAL (
       SELECT id, user_id, digest FROM deliveries
       WHERE user_id = person.user_id AND organization_id = $1 AND status = 'waiting' AND channel <> 'webhook'
         AND attempts = 0 AND due_at > now() AND (user_id, id) > ($3::uuid, $4::uuid)
       ORDER BY id LIMIT $5) AS waiting
     ORDER BY waiting.user_id, waiting.id LIMIT $5`,
    [tx.organizationId, userIds, after.user_id, after.delivery_id, limit],
  );

export interface Rescheduled {
  id: string;
  /** null means at once. */
  due_at: Date | null;
}

export async function reschedule(tx: Transaction, rescheduled: Rescheduled[]): Promise<void> {
  if (rescheduled.length === 0) return;
  await tx.query(
    `UPDATE deliveries SET due_at = coalesce(changed.due_at, now())
     FROM jsonb_to_recordset($2) AS changed (id uuid, due_at timestamptz)
     WHERE deliveries.organization_id = $1 AND deliveries.id = changed.id AND deliveries.status = 'waiting'
       AND deliveries.attempts = 0 AND deliveries.due_at IS DISTINCT FROM changed.due_at`,
    [tx.organizationId, JSON.stringify(rescheduled)],
  );
}

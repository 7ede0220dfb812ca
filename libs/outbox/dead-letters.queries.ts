import { type PageBefore, Parameters, type Transaction } from '#database';
import type { DeadLetter } from './outbox.entities.js';

export interface DeadLetterFilter {
  type?: string;
  /** Only events that became dead letters before this time. */
  before?: Date;
}

/** Newest first. */
export function listDeadLetters(tx: Transaction, { limit, before }: PageBefore): Promise<DeadLetter[]> {
  const parameters = new Parameters(tx.organizationId, limit);
  const page = parameters.optional('AND id <', before).join('');
  return tx.query<DeadLetter>(
    `SELECT * FROM dead_letters WHERE organization_id = $1 ${page} ORDER BY id DESC LIMIT $2`,
    parameters.values,
  );
}

/** Moves the oldest dead letters back to the outbox, at most `limit`, and returns how many. */
export async function requeueOldest(
  tx: Transaction,
  filter: DeadLetterFilter,
  limit: number,
): Promise<number> {
  const { condition, values } = conditionOf(tx, filter);
  const [moved] = await tx.query<{ retried: number }>(
    `WITH moved AS (
       DELETE FROM dead_letters WHERE organization_id = $1 AND id IN (
         SELECT id FROM dead_letters WHERE ${condition} ORDER BY failed_at LIMIT ${limit})
       RETURNING id, type, payload, created_at
     ), queued AS (
       INSERT INTO outbox (organization_id, id, type, payload, created_at)
       SELECT $1, id, type, payload, created_at FROM moved
     )
     SELECT count(*)::integer AS retried FROM moved`,
    values,
  );
  return moved!.retried;
}

/** Counts up to `limit`. */
export async function countDeadLetters(
  tx: Transaction,
  filter: DeadLetterFilter,
  limit: number,
): Promise<number> {
  const { condition, values } = conditionOf(tx, filter);
  const [counted] = await tx.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM (SELECT FROM dead_letters WHERE ${condition} LIMIT ${limit}) AS counted`,
    values,
  );
  return counted!.count;
}

/** Moves the event back to the outbox with its id. Returns false if there is no such dead letter. */
export async function requeue(tx: Transaction, id: string): Promise<boolean> {
  const requeued = await tx.query(
    `WITH moved AS (
       DELETE FROM dead_letters WHERE organization_id = $1 AND id = $2 RETURNING id, type, payload, created_at
     ), queued AS (
       INSERT INTO outbox (organization_id, id, type, payload, created_at)
       SELECT $1, id, type, payload, created_at FROM moved
     )
     SELECT FROM moved`,
    [tx.organizationId, id],
  );
  return requeued.length > 0;
}

/** Contains only the given filters, so that the condition uses an index. */
function conditionOf(tx: Transaction, { type, before }: DeadLetterFilter) {
  const parameters = new Parameters(tx.organizationId);
  const conditions = [
    'organization_id = $1',
    ...parameters.optional('type =', type),
    ...parameters.optional('failed_at <', before),
  ];
  return { condition: conditions.join(' AND '), values: parameters.values };
}

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
  const { which, values } = oldest(tx, filter);
  const [moved] = await tx.query<{ retried: number }>(
    `WITH moved AS (
       DELETE FROM dead_letters WHERE organization_id = $1 AND id = ANY (ARRAY(
         SELECT id FROM dead_letters WHERE ${which} LIMIT ${limit}))
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

/** Counts up to `limit`. In any order the planner could read the whole table for a rare type. */
export async function countDeadLetters(
  tx: Transaction,
  filter: DeadLetterFilter,
  limit: number,
): Promise<number> {
  const { which, values } = oldest(tx, filter);
  const [counted] = await tx.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM (
       SELECT FROM dead_letters WHERE ${which} LIMIT ${limit}) AS counted`,
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

/**
 * Which dead letters, the oldest first, as an index has them. Rows are compared because this order comes from one index
 * only. With `type = …` the planner could read another one, which has all other types too, if statistics do not know
 * that few match.
 */
function oldest(tx: Transaction, { type, before }: DeadLetterFilter) {
  const parameters = new Parameters(tx.organizationId, before ?? 'infinity');
  const failed =
    type === undefined
      ? 'failed_at < $2 ORDER BY failed_at'
      : `(type, failed_at) >= (${parameters.add(type)}, '-infinity') AND (type, failed_at) < ($3, $2)
         ORDER BY type, failed_at`;
  return { which: `organization_id = $1 AND ${failed}`, values: parameters.values };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { NIL } from './nil-user.js';

const BATCH = 100;
const ATTEMPTS = 50;
const RETRIED = ['55P03', '40P01'];

export interface Backfill<Row extends { key: string }> {
  /** Locks the next rows and returns them with their key, in its order: $1 is the last key before them, $2 how many. */
  lock: string;
  /** Sets what belongs to these rows, whatever is there, so that it can be repeated: SQL, where $1 is their keys, or code. */
  change: string | ((rows: Row[]) => Promise<unknown>);
}

/**
 * Changes the rows of a table in batches, each in a short transaction of its own: nothing else waits for more than one
 * batch. Rows are locked by a statement before the one that computes their values, so that this one sees every
 * transaction that changed them first.
 *
 * Each batch runs as the request role of one organization. The owner is subject to row-level security as well, and
 * ALTER TABLE … NO FORCE would lock the table until the end of the transaction. For migrations with
 * `transaction = false`.
 */
export async function backfill<Row extends { key: string }>(
  runner: QueryRunner,
  { lock, change }: Backfill<Row>,
): Promise<void> {
  const apply =
    typeof change === 'string' ? (rows: Row[]) => runner.query(change, [rows.map(({ key }) => key)]) : change;
  for (const organizationId of await organizations(runner)) {
    let last: string | undefined = NIL;
    while (last !== undefined) {
      const after: string = last;
      last = await inTransaction(runner, async () => {
        await become(runner, organizationId);
        const rows = (await runner.query(lock, [after, BATCH])) as Row[];
        if (rows.length > 0) await apply(rows);
        return rows.at(-1)?.key;
      });
    }
  }
}

/** Retries where another transaction holds a lock; see the lock_timeout of the owner. */
export async function inTransaction<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    await runner.startTransaction();
    try {
      const result = await work();
      await runner.commitTransaction();
      return result;
    } catch (error) {
      await runner.rollbackTransaction();
      const { code } = error as { code?: string };
      if (attempt === ATTEMPTS || !RETRIED.includes(code ?? '')) throw error;
      await delay(Math.random() * 100 * Math.min(attempt, 10));
    }
  }
}

/** The relay lists them; the owner sees none. */
const organizations = (runner: QueryRunner): Promise<string[]> =>
  inTransaction(runner, async () => {
    await runner.query('SET LOCAL ROLE tidings_relay');
    const rows = (await runner.query('SELECT id FROM organizations ORDER BY id')) as { id: string }[];
    return rows.map(({ id }) => id);
  });

/** With the scope of the whole organization, in the way of now and in that of migrations before it; see nil-user.ts. */
async function become(runner: QueryRunner, organizationId: string): Promise<void> {
  await runner.query('SET LOCAL ROLE tidings_request');
  await runner.query(
    `SELECT set_config('tidings.organization_id', $1, true), set_config('tidings.user_id', $2, true),
            set_config('tidings.scope', 'organization', true)`,
    [organizationId, NIL],
  );
}

import type { QueryRunner } from 'typeorm';

/**
 * For migrations with `transaction = false`. An index is built without blocking writers. Building waits for all older
 * transactions, and nothing queues behind it, so it may wait longer than lock_timeout. One that was interrupted
 * leaves an invalid index, which is dropped first.
 */
export async function createIndexConcurrently(
  runner: QueryRunner,
  name: string,
  definition: string,
): Promise<void> {
  await runner.query('SET lock_timeout = 0');
  await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  await runner.query(`CREATE INDEX CONCURRENTLY ${name} ${definition}`);
  await runner.query('RESET lock_timeout');
}

/** For migrations with `transaction = false`. */
export async function dropIndexConcurrently(runner: QueryRunner, name: string): Promise<void> {
  await runner.query('SET lock_timeout = 0');
  await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  await runner.query('RESET lock_timeout');
}

/**
 * For migrations with `transaction = false`. Runs the work while the owner of these tables, who otherwise is held to
 * their policies, sees all rows. Each switch locks its table for a moment only; the work commits batch by batch.
 */
export async function withoutForcedPolicies(
  runner: QueryRunner,
  tables: string[],
  work: () => Promise<void>,
): Promise<void> {
  for (const table of tables) await runner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  try {
    await work();
  } finally {
    for (const table of tables) await untilUnlocked(runner, `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

/** What must not be left undone comes again where a lock was not free within lock_timeout. */
async function untilUnlocked(runner: QueryRunner, statement: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await runner.query(statement);
      return;
    } catch (error) {
      if (attempt === 50 || (error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    }
  }
}

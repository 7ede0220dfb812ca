import type { QueryRunner } from 'typeorm';

/**
 * Builds an index while others write to its table. Only in a migration with transaction = false. An attempt that fails
 * leaves an invalid index, which the next one drops. Unlike any other lock, those that this waits for hold up nobody:
 * so it waits for long transactions instead of giving up.
 */
export async function createIndexConcurrently(
  runner: QueryRunner,
  name: string,
  definition: string,
): Promise<void> {
  await runner.query(`SET lock_timeout = '10min'`);
  try {
    await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await runner.query(`CREATE INDEX CONCURRENTLY ${name} ON ${definition}`);
  } finally {
    await runner.query('RESET lock_timeout');
  }
}

/** Drops an index without a moment in which nobody can read or write its table. */
export async function dropIndexConcurrently(runner: QueryRunner, name: string): Promise<void> {
  await runner.query(`SET lock_timeout = '10min'`);
  try {
    await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  } finally {
    await runner.query('RESET lock_timeout');
  }
}

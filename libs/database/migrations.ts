import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { MIGRATE_URL, withPreparedDatabase } from './bootstrap.js';
import { type MigrationClass, ownerDataSource } from './connection.js';
import { DatabaseError, describeConnectionError } from './database-error.js';
import { LOCK_NOT_AVAILABLE, sqlStateOf } from './sql-state.js';

const ATTEMPTS = 20;

/** Applies missing migrations and returns their names. */
export const migrateUp = (url: string, migrations: readonly MigrationClass[]): Promise<string[]> =>
  withPreparedDatabase(url, () =>
    withOwner(url, migrations, async (owner) => {
      await refuseNewerSchema(owner, migrations);
      const before = await appliedNames(owner);
      // If one fails, the earlier ones stay applied, and the next attempt does not return them.
      await untilUnlocked(() => owner.runMigrations({ transaction: 'each' }));
      const after = await appliedNames(owner);
      return after.filter((name) => !before.includes(name));
    }),
  );

/** Reverts the newest migration and returns its name, or null if none is applied. */
export const migrateDown = (url: string, migrations: readonly MigrationClass[]): Promise<string | null> =>
  withPreparedDatabase(url, () =>
    withOwner(url, migrations, async (owner) => {
      await refuseNewerSchema(owner, migrations);
      const newest = (await appliedNames(owner)).at(-1) ?? null;
      // Unlike runMigrations, undoLastMigration does not look at the transaction property of a migration.
      const transaction = isInSteps(owner, newest) ? 'none' : 'each';
      if (newest) await untilUnlocked(() => owner.undoLastMigration({ transaction }));
      return newest;
    }),
  );

async function withOwner<T>(
  url: string,
  migrations: readonly MigrationClass[],
  work: (owner: DataSource) => Promise<T>,
): Promise<T> {
  const owner = new DataSource(ownerDataSource(url, migrations));
  await owner.initialize().catch((error: unknown) => {
    throw describeConnectionError(error, url, MIGRATE_URL);
  });
  try {
    return await work(owner);
  } finally {
    await owner.destroy();
  }
}

/** True if the migration commits by itself, in steps. */
const isInSteps = (owner: DataSource, name: string | null): boolean =>
  owner.migrations.some((migration) => migration.name === name && migration.transaction === false);

/** In the order in which they were applied. */
async function appliedNames(owner: DataSource): Promise<string[]> {
  const [table] = await owner.query<{ present: boolean }[]>(
    `SELECT to_regclass('migrations') IS NOT NULL AS present`,
  );
  if (!table?.present) return [];
  const rows = await owner.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => name);
}

async function refuseNewerSchema(owner: DataSource, migrations: readonly MigrationClass[]): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = (await appliedNames(owner)).find((name) => !known.has(name));
  if (unknown) {
    throw new DatabaseError(
      `The database has the migration ${unknown}, which this version of Tidings does not know: run the version that created it, or a newer one.`,
    );
  }
}

/** A migration that waits for a lock delays every request behind it, so it gives up soon and is tried again. */
async function untilUnlocked<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      await delay(Math.random() * 100 * attempt);
    }
  }
}

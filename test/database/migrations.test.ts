import { readdir } from 'node:fs/promises';
import { DataSource, type QueryRunner } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateDown, migrateUp } from '#database';
import { MIGRATIONS } from '#migrations';
import { startTestApi } from '../support/api.js';
import { type TestDatabase, createDatabase } from '../support/database.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
});

afterEach(() => database.drop());

const NAMES = MIGRATIONS.map(({ name }) => name);

/** All that migrations make, as the catalogue has it, in words that two databases have in common. */
const snapshot = () =>
  database.query(`
    SELECT 'column' AS kind, table_name || '.' || column_name AS name,
           concat_ws(' ', data_type, is_nullable, column_default) AS definition
    FROM information_schema.columns WHERE table_schema = 'tidings' AND table_name <> 'migrations'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'tidings' AND tablename <> 'migrations'
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'tidings'::regnamespace AND conrelid <> 'migrations'::regclass
    UNION ALL SELECT 'policy', tablename || '.' || policyname, concat_ws(' ', permissive, roles, cmd, qual, with_check)
      FROM pg_policies WHERE schemaname = 'tidings'
    UNION ALL SELECT 'grant', table_name, concat_ws(' ', grantee, privilege_type)
      FROM information_schema.table_privileges WHERE table_schema = 'tidings'
    UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'tidings'::regnamespace
    ORDER BY 1, 2, 3`);

/** Until one has waited for a lock, and waits no more. */
async function untilOneGaveUp(): Promise<void> {
  const waits = async () => {
    const [row] = await database.query<{ waits: boolean }>(
      `SELECT count(*) > 0 AS waits FROM pg_locks
       WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    return row?.waits;
  };
  await expect.poll(waits, { timeout: 3000, interval: 20 }).toBe(true);
  await expect.poll(waits, { timeout: 3000, interval: 20 }).toBe(false);
}

describe('migrations', () => {
  it('go up, down one by one to an empty database, and up to the same schema', async () => {
    expect(await migrateUp(database.url, MIGRATIONS)).toEqual(NAMES);
    const before = await snapshot();
    const takenBack: (string | null)[] = [];
    for (
      let name = await migrateDown(database.url, MIGRATIONS);
      name;
      name = await migrateDown(database.url, MIGRATIONS)
    )
      takenBack.push(name);
    expect(takenBack).toEqual(NAMES.toReversed());
    expect((await snapshot()).filter(({ kind }) => kind !== 'grant')).toEqual([]);
    expect(await migrateUp(database.url, MIGRATIONS)).toEqual(NAMES);
    expect(await snapshot()).toEqual(before);
    expect(await migrateUp(database.url, MIGRATIONS)).toEqual([]);
  });

  it('create the schema that the TypeORM entities describe', async () => {
    const api = await startTestApi();
    try {
      const { options } = api.app.get(DataSource);
      const owner = new DataSource({
        ...(options as object),
        type: 'postgres',
        url: api.database.url,
        extra: { options: '-c search_path=tidings' },
      });
      await owner.initialize();
      const { upQueries } = await owner.driver.createSchemaBuilder().log();
      await owner.destroy();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await api.stop();
    }
  });

  it('are applied once if several processes start concurrently', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => migrateUp(database.url, MIGRATIONS)));
    expect(applied.flat()).toEqual(NAMES);
  });

  it('wait for a lock only briefly and retry, so that requests do not queue behind them', async () => {
    class Newest1863640000001 {
      name = 'Newest1863640000001';
      up = (runner: QueryRunner) => runner.query('ALTER TABLE members ADD COLUMN probe integer');
      down = (runner: QueryRunner) => runner.query('ALTER TABLE members DROP COLUMN probe');
    }
    const known = [...MIGRATIONS, Newest1863640000001];
    await migrateUp(database.url, known);
    const tables = await database.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'tidings' AND tablename <> 'migrations'`,
    );
    const names = tables.map(({ name }) => name).join(', ');
    await database.query(`BEGIN; LOCK TABLE ${names} IN ACCESS SHARE MODE`);
    const takenBack = migrateDown(database.url, known);
    await untilOneGaveUp();
    await database.query('COMMIT');
    expect(await takenBack).toBe('Newest1863640000001');
  });

  it('are all logged, even those before one that had to wait for a lock', async () => {
    class First1763640000001 {
      name = 'First1763640000001';
      up = (runner: QueryRunner) => runner.query('CREATE TABLE first ()');
      down = (runner: QueryRunner) => runner.query('DROP TABLE first');
    }
    class Second1763640000002 {
      name = 'Second1763640000002';
      up = (runner: QueryRunner) => runner.query('SELECT pg_advisory_xact_lock(2)');
      down = () => Promise.resolve();
    }
    await database.query('SELECT pg_advisory_lock(2)');
    const applied = migrateUp(database.url, [First1763640000001, Second1763640000002]);
    await untilOneGaveUp();
    await database.query('SELECT pg_advisory_unlock(2)');
    expect(await applied).toEqual(['First1763640000001', 'Second1763640000002']);
    expect(await migrateUp(database.url, [First1763640000001, Second1763640000002])).toEqual([]);
  });

  it('are refused if the database has an unknown migration', async () => {
    await migrateUp(database.url, MIGRATIONS);
    await database.query(`INSERT INTO migrations (timestamp, name) VALUES (1, 'FromTheFuture1')`);
    await expect(migrateUp(database.url, MIGRATIONS)).rejects.toThrow('FromTheFuture1');
    await expect(migrateDown(database.url, MIGRATIONS)).rejects.toThrow('FromTheFuture1');
  });

  it('are all listed in the order of their files', async () => {
    const files = (await readdir('migrations')).filter((file) => /^\d+-/.test(file)).toSorted();
    const expected = files.map((file) => {
      const [, timestamp, words] = /^(\d+)-(.*)\.ts$/.exec(file)!;
      return (
        words!
          .split('-')
          .map((word) => word[0]!.toUpperCase() + word.slice(1))
          .join('') + timestamp
      );
    });
    expect(NAMES).toEqual(expected);
  });
});

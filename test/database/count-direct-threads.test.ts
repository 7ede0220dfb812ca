import { Pool } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { migrateDown, migrateUp } from '#database';
import { MIGRATIONS } from '#migrations';
import { type TestDatabase, createDatabase } from '../support/database.js';

const AT = MIGRATIONS.findIndex(({ name }) => name.startsWith('CountDirectThreads'));
const PEOPLE = 350;
/** With one of them each has a direct thread before. */
const ORGANIZATIONS = [uuid(), uuid()];

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
  await migrateUp(database.url, MIGRATIONS.slice(0, AT));
  await database.query(`INSERT INTO users (id) SELECT ${person('number')} ${numbers}`);
  for (const organizationId of ORGANIZATIONS) {
    await database.query(`INSERT INTO organizations (id, name) VALUES ($1, 'Riverside')`, [organizationId]);
    await database.query(`INSERT INTO roles (organization_id, name, permissions) VALUES ($1, 'user', '{}')`, [
      organizationId,
    ]);
    await database.query(
      `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
       SELECT $1, ${person('number')}, 'p' || number, 'p' || number, 'Person', 'user' ${numbers}`,
      [organizationId],
    );
    for (let number = 2; number <= 12; number++) await startThread(database, organizationId, 1, number);
  }
});

afterEach(() => database.drop());

const numbers = `FROM generate_series(1, ${PEOPLE}) AS number`;
const person = (number: string | number) =>
  `('0199a100-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

const startThread = (
  on: { query(sql: string): Promise<unknown> },
  organizationId: string,
  low: number,
  high: number,
) =>
  on.query(
    `WITH thread AS (
       INSERT INTO threads (organization_id, id, kind, pair_low, pair_high, participant_count)
       VALUES ('${organizationId}', gen_random_uuid(), 'direct', ${person(low)}, ${person(high)}, 2) RETURNING id)
     INSERT INTO participants (organization_id, thread_id, user_id, partner_id)
     SELECT '${organizationId}', id, one, other FROM thread
     CROSS JOIN (VALUES (${person(low)}, ${person(high)}), (${person(high)}, ${person(low)})) AS pair (one, other)`,
  );

/** Members whose number is not that of their direct threads. */
const wrong = () =>
  database.query(`
    SELECT direct_threads, counted FROM members CROSS JOIN LATERAL (
      SELECT count(*)::integer AS counted FROM participants
      WHERE participants.organization_id = members.organization_id AND participants.user_id = members.user_id
        AND partner_id IS NOT NULL) AS own
    WHERE direct_threads <> counted`);

it('counts each direct thread once, even one that is started concurrently', async () => {
  const pool = new Pool({ connectionString: database.url, max: 8, options: '-c search_path=tidings' });
  const migrated = new AbortController();
  let started = 0;
  const starting = Array.from({ length: 8 }, async (_, writer) => {
    // Pairs of its own, all over the order in which members are counted.
    for (let turn = 0; !migrated.signal.aborted; turn++, started++) {
      const low = 20 + writer * 40 + (turn % 40);
      const high = low + 1 + Math.floor(turn / 40);
      if (high > PEOPLE) break;
      await startThread(pool, ORGANIZATIONS[turn % 2]!, low, high);
    }
  });
  await migrateUp(database.url, MIGRATIONS.slice(0, AT + 1));
  migrated.abort();
  await Promise.all(starting);
  await pool.end();

  expect(started).toBeGreaterThan(20);
  expect(await wrong()).toEqual([]);
  await startThread(database, ORGANIZATIONS[0]!, 1, 15);
  expect(await wrong()).toEqual([]);
});

it('continues after an interruption, and can be reverted', async () => {
  await database.query('ALTER TABLE members ADD COLUMN direct_threads integer NOT NULL DEFAULT 0');
  await database.query('UPDATE members SET direct_threads = 7 WHERE user_id < $1', [
    '0199a100-0000-7000-8000-000000000020',
  ]);
  await migrateUp(database.url, MIGRATIONS.slice(0, AT + 1));
  expect(await wrong()).toEqual([]);
  expect(await migrateDown(database.url, MIGRATIONS.slice(0, AT + 1))).toBe(MIGRATIONS[AT]!.name);
  await migrateUp(database.url, MIGRATIONS.slice(0, AT + 1));
  expect(await wrong()).toEqual([]);
});

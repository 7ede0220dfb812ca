import { expect, it } from 'vitest';
import { PATIENCE, useProcesses } from './processes.js';

const processes = useProcesses();

it('runs housekeeping in one of several processes, and in another once that is killed', async () => {
  const database = await processes.database();
  const leaders = async () =>
    (
      await database.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'tidings housekeeping'
           AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)`,
      )
    ).map(({ pid }) => pid);
  const keys = async () =>
    Number((await database.query<{ count: string }>('SELECT count(*) FROM idempotency_keys'))[0]!.count);
  const first = await processes.work(database.url);
  await expect.poll(async () => (await leaders()).length, PATIENCE).toBe(1);
  const [leader] = await leaders();
  await processes.work(database.url);
  // Once the second has asked for the lock, it has closed that session.
  await expect.poll(leaders, PATIENCE).toEqual([leader]);

  await database.query(
    `WITH organization AS (INSERT INTO organizations (id, name) VALUES (gen_random_uuid(), 'Riverside') RETURNING id)
     INSERT INTO idempotency_keys (organization_id, principal, key, request_hash, created_at)
     SELECT id, 'somebody', 'old', '', now() - interval '2 days' FROM organization`,
  );
  expect(await keys()).toBe(1);
  await first.kill('SIGKILL');
  await expect.poll(keys, PATIENCE).toBe(0);
  const [next, ...others] = await leaders();
  expect(others).toEqual([]);
  expect(next).not.toBe(leader);
}, 90_000);

import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import type { Server } from '../support/process.js';
import { PATIENCE, expectRefusal, useProcesses } from './processes.js';

const processes = useProcesses();

/** How often a worker is killed here; test/faults kills API and workers more often. */
const KILLS = 3;

const SECRETS_KEY = 'a secrets key of at least 32 characters';

/** A server that leaves what comes after the response to others, with the demo people in it. */
const serve = (database: TestDatabase): Promise<Server> =>
  processes.serve({
    DATABASE_URL: database.url,
    AUTH_MODE: 'dev',
    DEMO: 'true',
    WORKER: 'off',
    RATE_LIMIT: 'off',
  });

const outbox = async (database: TestDatabase) =>
  (await database.query<{ count: string }>('SELECT count(*) FROM outbox'))[0]!.count;

/** To the demo organization; how many are in it then. */
async function addPeople(database: TestDatabase, count: number): Promise<number> {
  await database.query(
    `WITH made AS (INSERT INTO users (id) SELECT gen_random_uuid() FROM generate_series(1, $1) RETURNING id)
     INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT organization_id, made.id, 'user-' || made.id, 'user-' || made.id, 'Somebody', 'user'
     FROM made CROSS JOIN (SELECT organization_id FROM members LIMIT 1) AS demo`,
    [count],
  );
  const [row] = await database.query<{ count: string }>('SELECT count(*) FROM members');
  return Number(row!.count);
}

describe('a separate worker', () => {
  it('notifies at once of what another process recorded, and stops in order', async () => {
    const database = await processes.database();
    const server = await serve(database);
    const worker = await processes.work(database.url);
    const [ada, theo] = [await server.signIn('ada'), await server.signIn('theo')];
    await expect.poll(() => outbox(database), PATIENCE).toBe('0');
    const count = async () =>
      (await server.send('GET', '/api/v1/notifications/unread-count', theo)).body.unread_count as number;
    const notification = { to: { users: ['theo'] }, type: 'SYSTEM', title: 'Hello', body: 'x' };
    const times: number[] = [];
    for (let number = 0; number < 7; number++) {
      const before = await count();
      await server.send('POST', '/api/v1/notifications', ada, notification);
      const start = performance.now();
      await expect.poll(count, { ...PATIENCE, interval: 5 }).toBe(before + 1);
      times.push(performance.now() - start);
    }
    // Without NOTIFY it would poll once a second.
    expect(times.toSorted((one, other) => one - other)[3]).toBeLessThan(500);
    expect(await worker.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  });

  it('resumes a fan-out to thousands after it was killed, and notifies each once', async () => {
    const database = await processes.database();
    const server = await serve(database);
    const ada = await server.signIn('ada');
    const people = await addPeople(database, 3000);
    await database.query('DELETE FROM outbox');
    const notified = async () => {
      const [row] = await database.query<{ sum: string }>('SELECT sum(notified) FROM notification_requests');
      return Number(row!.sum);
    };
    const claimed = async () => (await database.query('SELECT FROM outbox WHERE attempts > 0')).length;
    const requests: string[] = [];
    let cutOff = 0;
    for (let time = 0; time < KILLS; time++) {
      const { body } = await server.send('POST', '/api/v1/notifications', ada, {
        to: { everyone: true },
        type: 'SYSTEM',
        title: `number ${time}`,
        body: 'x',
      });
      requests.push(body.id as string);
      const before = await notified();
      const worker = await processes.work(database.url);
      await expect.poll(notified, { ...PATIENCE, interval: 2 }).toBeGreaterThan(before);
      await worker.kill('SIGKILL');
      if ((await claimed()) > 0) cutOff++;
      await database.query('UPDATE outbox SET run_at = now()');
    }
    expect(cutOff).toBeGreaterThan(KILLS / 2);
    await processes.work(database.url);
    await expect.poll(() => outbox(database), { timeout: 60_000 }).toBe('0');

    const perRequest = await database.query(
      `SELECT source_id, count(*)::integer AS notified, count(DISTINCT user_id)::integer AS people
       FROM notifications WHERE source_id = ANY ($1::uuid[]) GROUP BY source_id ORDER BY source_id`,
      [requests],
    );
    expect(perRequest).toEqual(
      requests.toSorted().map((source_id) => ({ source_id, notified: people, people })),
    );
    const [counts] = await database.query(`
      SELECT (SELECT sum(unread) FROM unread_counts) AS kept,
             (SELECT count(*) FROM notifications WHERE read_at IS NULL AND archived_at IS NULL
              AND deleted_at IS NULL AND suppressed_at IS NULL)::numeric AS counted`);
    expect(counts!['kept']).toBe(counts!['counted']);
  });

  it('runs in production by default, without settings of the server', async () => {
    const database = await processes.database();
    const dataDir = await processes.folder();
    const server = await serve(database);
    const environment = { NODE_ENV: '', DATA_DIR: dataDir, AUTH_MODE: 'none', SECRETS_KEY };
    const worker = await processes.work(database.url, environment);
    await worker.printed(/"msg":"No e-mail is sent/);
    const ada = await server.signIn('ada');
    await server.send('PATCH', '/api/v1/preferences', ada, { types: { BILLING: { email: 'on' } } });
    const notification = { to: { users: ['ada'] }, type: 'BILLING', title: 'Invoice', body: 'x' };
    expect(await server.send('POST', '/api/v1/notifications', ada, notification)).toMatchObject({
      status: 202,
    });
    await expect.poll(() => outbox(database), PATIENCE).toBe('0');

    expect(await database.query(`SELECT FROM deliveries WHERE channel = 'email'`)).toEqual([]);
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('requires DATABASE_URL, and says so', async () => {
    const ending = await processes.run('apps/worker/main.js', [], {});
    expectRefusal(ending, /^DATABASE_URL must be set for a separate worker/);
  });
});

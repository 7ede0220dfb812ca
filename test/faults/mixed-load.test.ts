import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { useProcesses } from '../start/processes.js';
import { drained, expectKept } from './books.js';
import { print, quantile, scaled } from './figures.js';
import { Senders } from './senders.js';
import { SETTINGS, buildTown, serviceOf } from './town.js';

const processes = useProcesses();

const MIXED_SECONDS = scaled(6, 180);
const OPEN_SECONDS = scaled(4, 60);
const RATE = scaled(100, 200);

it('never deadlocks while messages, fan-outs, reads and retractions meet in two processes', async () => {
  const database = await processes.database();
  const serve = () => processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  const servers = [await serve(), await serve()];
  const someServer = () => servers[Math.floor(Math.random() * servers.length)]!;
  const town = await buildTown(servers[0]!);
  const service = await serviceOf(servers[0]!, town, ['notifications:send']);
  const senders = new Senders(town, someServer);
  senders.start(RATE);
  const end = performance.now() + MIXED_SECONDS * 1000;
  const statuses = new Map<number, number>();
  const repeat = async (step: () => Promise<{ status: number }>[]) => {
    while (performance.now() < end) {
      for (const { status } of await Promise.all(step()))
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const fanOut = async () => {
    const { body, status } = await someServer().send('POST', '/api/v1/notifications', service, {
      to: { everyone: true },
      type: 'SYSTEM',
      title: 'To all',
      body: 'At the same time',
    });
    await someServer().send('DELETE', `/api/v1/notifications/requests/${body.id as string}`, service);
    return { status };
  };
  await Promise.all([
    repeat(() => [fanOut(), fanOut()]),
    repeat(() =>
      town.people
        .slice(0, 6)
        .map(({ headers }) => someServer().send('POST', '/api/v1/notifications/read-all', headers)),
    ),
    repeat(() =>
      town.group
        .slice(0, 8)
        .map(({ headers }) =>
          someServer().send('POST', `/api/v1/messages/threads/${town.groupId}/read`, headers),
        ),
    ),
  ]);
  await senders.stop();
  await drained(database, 30_000);
  const [{ deadlocks } = { deadlocks: -1 }] = await database.query<{ deadlocks: number }>(
    'SELECT deadlocks::integer FROM pg_stat_database WHERE datname = current_database()',
  );
  print('mixed load', {
    seconds: MIXED_SECONDS,
    messages: senders.acknowledged.size,
    others: [...statuses].map(([status, count]) => `${count} × ${status}`).join(' and '),
    deadlocks,
  });
  expect(deadlocks).toBe(0);
  expect([...statuses.keys()].filter((status) => status >= 400 && status !== 503)).toEqual([]);
  await expectKept(database, senders, town);
});

it('notifies as fast as ever while somebody else keeps a transaction open', async () => {
  const database = await processes.database();
  const server = await processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  const town = await buildTown(server);
  const senders = new Senders(town, () => server);
  senders.start(RATE);
  await delay(OPEN_SECONDS * 1000);
  const other = new Client({ connectionString: database.url, options: '-c search_path=tidings' });
  await other.connect();
  await other.query('BEGIN');
  await other.query('INSERT INTO users (id) VALUES (gen_random_uuid())');
  const since = new Date();
  await delay(OPEN_SECONDS * 1000);
  await senders.stop();
  const lags = async (condition: string) => {
    const rows = await database.query<{ lag: number }>(
      `SELECT extract(epoch FROM notifications.created_at - messages.created_at)::float8 * 1000 AS lag
       FROM messages JOIN notifications
         ON notifications.organization_id = messages.organization_id AND source_id = messages.id
       WHERE messages.created_at ${condition} $1`,
      [since],
    );
    return rows.map(({ lag }) => lag);
  };
  const [before, during] = [await lags('<'), await lags('>=')];
  await other.query('ROLLBACK');
  await other.end();
  print('an open transaction', {
    'lag p99 before, ms': Math.round(quantile(before, 0.99)),
    'lag p99 meanwhile, ms': Math.round(quantile(during, 0.99)),
  });
  expect(during.length).toBeGreaterThan(0);
  expect(quantile(during, 0.99)).toBeLessThan(2 * quantile(before, 0.99) + 20);
  await drained(database);
  await expectKept(database, senders, town);
});

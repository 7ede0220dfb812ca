import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import type { Server } from '../support/process.js';
import { useProcesses } from '../start/processes.js';
import { drained, expectKept } from './books.js';
import { print, scaled, seconds } from './figures.js';
import { Readers } from './readers.js';
import { Senders } from './senders.js';
import { SETTINGS, type Town, buildTown } from './town.js';

const processes = useProcesses();

const SECONDS = scaled(8, 60);
const A_SECOND = 5;
const RATE = 50;
const MORE_THAN_CONNECTIONS = 40;
/** Of an organization that no other one has asked anything beside for two seconds. */
const CONNECTIONS_ALONE = 10;

it('returns no wrong result and reconnects while connections are lost at any moment', async () => {
  const database = await processes.database();
  const server = await processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  // Two, so that a connection that took an organization along to the next request would be seen.
  const towns = [await buildTown(server), await buildTown(server)];
  const senders = towns.map((town) => new Senders(town, () => server));
  const readers = towns.map((town, index) => new Readers(server, town, senders[index]!));
  await drained(database);
  await expectAllConnections(database, server, towns[0]!);

  for (const each of senders) each.start(RATE);
  for (const each of readers) each.start();
  const terminated = await terminateForAWhile(database);
  await Promise.all([...senders, ...readers].map((each) => each.stop()));
  const empty = await drained(database);
  await expectAllConnections(database, server, towns[0]!);

  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  print('lost connections', {
    ...terminated,
    acknowledged: sum(senders.map(({ acknowledged }) => acknowledged.size)),
    read: sum(readers.map(({ read }) => read)),
    'refused with 503': sum([
      ...senders.map((each) => each.count(503)),
      ...readers.map((each) => each.refused),
    ]),
    'outbox empty after': seconds(empty),
  });
  expect(Object.keys(terminated)).toEqual(expect.arrayContaining(['tidings', 'tidings relay']));
  for (const each of readers) expect(each.wrong).toEqual([]);
  for (const [index, each] of senders.entries()) {
    expect(each.count('refused') + each.count('broken'), 'not answered at all').toBe(0);
    await expectKept(database, each, towns[index]!);
  }
  expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
});

/** How many were ended, by what they were for. */
async function terminateForAWhile(database: TestDatabase): Promise<Record<string, number>> {
  const terminated: Record<string, number> = {};
  for (let time = 0; time < SECONDS * A_SECOND; time++) {
    await delay(1000 / A_SECOND);
    // Each kind has its turn: there is but one listener among many others.
    const [ended] = await database.query<{ name: string }>(
      `SELECT application_name AS name, pg_terminate_backend(pid) FROM (
         SELECT application_name, pid FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'tidings%'
         ORDER BY application_name = (ARRAY['tidings listener', 'tidings relay'])[$1 % 5] DESC NULLS LAST, random() LIMIT 1
       ) AS one`,
      [time],
    );
    if (ended) terminated[ended.name] = (terminated[ended.name] ?? 0) + 1;
  }
  return terminated;
}

const expectAllConnections = (...where: Parameters<typeof connectionsAtOnce>) =>
  expect.poll(() => connectionsAtOnce(...where), { timeout: 15_000, interval: 1000 }).toBe(CONNECTIONS_ALONE);

/** How many requests have a connection at once, while nothing that they need can be read. */
async function connectionsAtOnce(database: TestDatabase, server: Server, { people }: Town): Promise<number> {
  await database.query('BEGIN; LOCK TABLE participants IN ACCESS EXCLUSIVE MODE');
  // Of one person: who others are might be read at any moment, for several of them at once.
  const asked = Array.from({ length: MORE_THAN_CONNECTIONS }, () =>
    server.send('GET', '/api/v1/messages/inbox', people[0]!.headers),
  );
  let connections = 0;
  try {
    await vi.waitFor(async () => {
      const [locked] = await database.query<{ count: string }>(
        `SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'participants'::regclass`,
      );
      connections = Number(locked!.count);
      const { text } = await server.send('GET', '/metrics');
      const waiting = Number(/^database_transactions_waiting (\d+)$/m.exec(text)?.[1]);
      expect(connections + waiting).toBe(MORE_THAN_CONNECTIONS);
    });
  } finally {
    await database.query('COMMIT');
  }
  expect((await Promise.all(asked)).filter(({ status }) => status !== 200)).toEqual([]);
  return connections;
}

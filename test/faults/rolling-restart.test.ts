import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import type { Server } from '../support/process.js';
import { useProcesses } from '../start/processes.js';
import { Balancer } from './balancer.js';
import { drained, expectKept } from './books.js';
import { print, scaled, seconds } from './figures.js';
import { Senders } from './senders.js';
import { SETTINGS, type Town, buildTown } from './town.js';

const processes = useProcesses();

const RESTARTS = scaled(3, 20);
const RATE = 300;
const STOPPED_WITHIN = 10_000;

it('fails no request while one process after the other is stopped and replaced', async () => {
  const database = await processes.database();
  const serve = () => processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  const servers = [await serve(), await serve()];
  const balancer = new Balancer();
  onTestFinished(() => balancer.stop());
  for (const server of servers) balancer.add(server);
  const town = await buildTown(servers[0]!);
  const senders = new Senders(town, () => balancer);
  const elsewhere = await buildTown(servers[0]!);

  senders.start(RATE);
  const stops: number[] = [];
  for (let time = 0; time < RESTARTS; time++) {
    await senders.more(RATE / 2);
    const since = performance.now();
    const stopping = servers.shift()!;
    const ending = stopping.kill('SIGTERM');
    const slow = slowRequest(database, stopping, elsewhere);
    expect(await ending).toMatchObject({ code: 0, stderr: '' });
    stops.push(performance.now() - since);
    balancer.remove(stopping);
    expect((await slow).status, 'a request that had begun').toBe(201);
    const server = await serve();
    servers.push(server);
    balancer.add(server);
  }
  await senders.stop();
  const empty = await drained(database);

  print('rolling restart', {
    restarts: RESTARTS,
    requests: senders.attempts.length,
    failed: senders.attempts.length - senders.count(201),
    'longest request': seconds(senders.longest),
    'stopped after at most': seconds(Math.max(...stops)),
    'outbox empty after': seconds(empty),
  });
  expect(senders.attempts.filter(({ outcome }) => outcome !== 201).slice(0, 10)).toEqual([]);
  expect(Math.max(...stops)).toBeLessThan(STOPPED_WITHIN);
  await expectKept(database, senders, town);
});

/** Sent to a process that is about to close, and still under way when it has closed its door. */
async function slowRequest(database: TestDatabase, server: Server, { group, groupId }: Town) {
  // No earlier, as it waits for a lock, which it does for 2 s at most.
  await delay(700);
  await database.query('BEGIN');
  await database.query('SELECT FROM threads WHERE id = $1 FOR UPDATE', [groupId]);
  const path = `/api/v1/messages/threads/${groupId}/messages`;
  const answer = server.send('POST', path, group[0]!.headers, { content: 'slow' });
  const isOpen = () =>
    server.send('GET', '/health/live').then(
      () => true,
      () => false,
    );
  await vi.waitUntil(async () => !(await isOpen()), { timeout: STOPPED_WITHIN, interval: 20 });
  await database.query('COMMIT');
  return answer;
}

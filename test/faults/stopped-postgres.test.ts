import { expect, it, onTestFinished, vi } from 'vitest';
import { PATIENCE, useProcesses } from '../start/processes.js';
import { drained, expectKept } from './books.js';
import { print, scaled, seconds } from './figures.js';
import { FailingPostgres } from './postgres.js';
import { Senders } from './senders.js';
import { SETTINGS, buildTown } from './town.js';

const processes = useProcesses();

const STOPS = scaled(3, 10);
const RATE = 100;
const MAX_ANSWER = 5000;
const RECOVERED_WITHIN = 5000;

it('loses no acknowledged message, answers 503 meanwhile, and recovers after PostgreSQL stops', async () => {
  const postgres = await FailingPostgres.start(await processes.folder());
  onTestFinished(() => postgres.stop());
  const server = await processes.serve({ ...SETTINGS, DATABASE_URL: postgres.url, WORKER: 'off' });
  const worker = await processes.work(postgres.url);
  const town = await buildTown(server);
  const senders = new Senders(town, () => server);
  const ready = async () => (await server.send('GET', '/health/ready')).status;
  const isReady = (status: number) =>
    vi.waitFor(async () => expect(await ready()).toBe(status), { ...PATIENCE, timeout: RECOVERED_WITHIN });

  const stops: number[] = [];
  const returns: number[] = [];
  senders.start(RATE);
  for (let time = 0; time < STOPS; time++) {
    await senders.more(RATE);
    stops.push(performance.now());
    await postgres.stopImmediately();
    await isReady(503);
    const refused = senders.count(503);
    await vi.waitUntil(() => senders.count(503) >= refused + RATE, { timeout: 10_000, interval: 10 });
    await postgres.startAgain();
    returns.push(performance.now());
    await isReady(200);
  }
  await senders.more(2 * RATE);
  await senders.stop();
  const empty = await drained(postgres);

  const recoveries = returns.map((since, index) => senders.lastRefusal(since, stops[index + 1]) - since);
  print('stopped PostgreSQL', {
    stops: STOPS,
    acknowledged: senders.acknowledged.size,
    'refused with 503': senders.count(503),
    'longest answer': seconds(senders.longest),
    'recovered after at most': seconds(Math.max(...recoveries)),
    'outbox empty after': seconds(empty),
  });
  await expectKept(postgres, senders, town);
  expect(senders.count('refused') + senders.count('broken'), 'not answered at all').toBe(0);
  expect(senders.longest).toBeLessThan(MAX_ANSWER);
  expect(Math.max(...recoveries)).toBeLessThan(RECOVERED_WITHIN);
  // Neither had died, and both still stop in order.
  for (const program of [server, worker])
    expect(await program.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
});

import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Server } from '../support/process.js';
import { useProcesses } from '../start/processes.js';
import { Crowd } from './crowd.js';
import { print, quantile, scaled, seconds } from './figures.js';
import { SETTINGS, type Town, buildTown } from './town.js';

const processes = useProcesses();

/** As many as keep it busy and it refuses none of: somewhat more than it has connections of the database. */
const CLIENTS = 40;
const TIMES = 5;
const NORMAL_SECONDS = scaled(4, 15);
const OVERLOAD_SECONDS = scaled(8, 60);
/** A burst is rather served late than refused; what is measured is what comes once it stays. */
const BURST_SECONDS = 3;
const RECOVERED_WITHIN = 10_000;
const MEGABYTE = 2 ** 20;
const MAX_MORE_MEGABYTES = 64;
/** Of the usual p99. The short form measures few seconds, in which one stall of the machine decides. */
const MAX_TIMES = scaled(3.5, 2);

it('refuses excess requests with 503 and serves the rest without delay', async () => {
  const database = await processes.database();
  const server = await processes.serve({ ...SETTINGS, DATABASE_URL: database.url, WORKER: 'off' });
  const town = await buildTown(server);
  await during(server, town, CLIENTS, NORMAL_SECONDS);
  const before = await during(server, town, CLIENTS, NORMAL_SECONDS);

  const memoryBefore = await memory(server);
  const over = await during(server, town, CLIENTS * TIMES, OVERLOAD_SECONDS);
  const memoryAfter = await memory(server);
  const recovery = await untilAsBefore(server, town, before.p99);
  const after = await during(server, town, CLIENTS, NORMAL_SECONDS);
  // The rest of the machine is not always as quiet.
  const normal = Math.max(before.p99, after.p99);

  print('overload', {
    'clients normally': CLIENTS,
    'accepted a second': before.rate,
    p99: `${normal} ms`,
    'clients too many': CLIENTS * TIMES,
    'accepted a second then': over.rate,
    'refused a second': over.refusals,
    'p99 then': `${over.p99} ms`,
    memory: `${memoryBefore} MB, ${memoryAfter} MB after`,
    'recovered after': seconds(recovery),
  });
  for (const { wrong } of [before, over, after]) expect(wrong).toEqual([]);
  expect(before.refusals + after.refusals).toBe(0);
  expect(over.refusals).toBeGreaterThan(0);
  expect(over.p99).toBeLessThan(MAX_TIMES * normal);
  expect(memoryAfter - memoryBefore).toBeLessThan(MAX_MORE_MEGABYTES);
});

async function during(server: Server, town: Town, clients: number, time: number) {
  const begin = performance.now();
  const crowd = new Crowd(server.port, town, clients);
  await delay(time * 1000);
  await crowd.stop();
  const settled = (all: Crowd['accepted']) => all.filter(({ begun }) => begun > begin + BURST_SECONDS * 1000);
  const accepted = settled(crowd.accepted);
  const aSecond = (all: object[]) => Math.round(all.length / (time - BURST_SECONDS));
  const all = accepted.map(({ milliseconds }) => milliseconds);
  return {
    rate: aSecond(accepted),
    refusals: aSecond(settled(crowd.refused)),
    p99: Math.round(quantile(all, 0.99)),
    wrong: crowd.wrong,
  };
}

/** How long it takes until as many as normally are served as they were before. */
async function untilAsBefore(server: Server, town: Town, p99: number): Promise<number> {
  const since = performance.now();
  const crowd = new Crowd(server.port, town, CLIENTS);
  try {
    for (;;) {
      await delay(500);
      const now = performance.now();
      const recent = ({ begun }: { begun: number }) => begun > now - 500;
      const times = crowd.accepted.filter(recent).map(({ milliseconds }) => milliseconds);
      if (!crowd.refused.some(recent) && quantile(times, 0.95) < 1.5 * p99) return now - since;
      expect(now - since, 'to recover').toBeLessThan(RECOVERED_WITHIN);
    }
  } finally {
    await crowd.stop();
  }
}

async function memory(server: Server): Promise<number> {
  const { text } = await server.send('GET', '/metrics');
  return Math.round(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / MEGABYTE);
}

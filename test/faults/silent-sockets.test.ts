import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { useProcesses } from '../start/processes.js';
import type { Server } from '../support/process.js';
import { print, quantile, scaled } from './figures.js';
import { SLOWNESSES, type Slowness, SlowSocket } from './slow-sockets.js';
import { SETTINGS, type Town, buildTown } from './town.js';

const processes = useProcesses();

const SOCKETS = 1000;
/** The documented 10 s of headers, with a second for a busy machine, and the 15 s of whole requests. */
const WITHIN_SECONDS = { headers: 11, body: 15 };
/** What is half closed then has another second. */
const ENDED_WITHIN_SECONDS = 16;
const RENEWED_SECONDS = scaled(0, 60);
const EVERY_MILLISECONDS = 50;

it('serves authenticated callers while a thousand sockets are silent or slow, and closes these', async () => {
  const database = await processes.database();
  const server = await processes.serve({ ...SETTINGS, DATABASE_URL: database.url, WORKER: 'off' });
  const town = await buildTown(server);
  const quiet = await askFor(server, town, 1000);

  const sockets = openMany(server);
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  const until = performance.now() + (RENEWED_SECONDS + ENDED_WITHIN_SECONDS) * 1000;
  const answers: Taken[] = [];
  let renewed = 0;
  while (performance.now() < until) {
    answers.push(...(await askFor(server, town, 1000)));
    if (performance.now() > until - ENDED_WITHIN_SECONDS * 1000) continue;
    // Whatever was closed comes again.
    const closed = sockets.filter(({ closed: at, what }) => at && !what.startsWith('again'));
    for (const { what } of closed.slice(0, 200)) {
      sockets.push(new SlowSocket(server.port, `again: ${what}`, SLOWNESSES[what]!));
      renewed++;
    }
  }

  // A client that keeps its own end open keeps no socket of the server's.
  await expect.poll(() => openSockets(server), { timeout: 5000 }).toBeLessThan(50);
  const ended = sockets.filter(({ closed }) => closed);
  const longest = (waitsFor: Slowness['waits_for']) =>
    Math.max(
      ...ended.filter(({ slowness }) => slowness.waits_for === waitsFor).map(({ seconds }) => seconds!),
    );
  const p99 = (all: Taken[]) =>
    `${Math.round(
      quantile(
        all.map(({ milliseconds }) => milliseconds),
        0.99,
      ),
    )} ms`;
  print('silent sockets', {
    sockets: sockets.length,
    renewed,
    'closed by the server': ended.length,
    'longest headers': `${longest('headers').toFixed(1)} s`,
    'longest body': `${longest('body').toFixed(1)} s`,
    requests: answers.length,
    'not 200': answers.filter(({ status }) => status !== 200).length,
    'p99 before': p99(quiet),
    'p99 then': p99(answers),
  });
  expect(answers.length).toBeGreaterThan(100);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(sockets.filter(({ closed }) => !closed).map(({ what }) => what)).toEqual([]);
  expect(longest('headers')).toBeLessThan(WITHIN_SECONDS.headers);
  expect(longest('body')).toBeLessThan(WITHIN_SECONDS.body);
  const unanswered = ended.filter(
    ({ received }) => !/HTTP\/1\.1 408 .*"code":"request_timeout"/s.test(received),
  );
  expect([...new Set(unanswered.map(({ what }) => what))]).toEqual([]);
});

const openMany = ({ port }: Server): SlowSocket[] => {
  const kinds = Object.entries(SLOWNESSES);
  return Array.from({ length: SOCKETS }, (_, at) => {
    const [what, slowness] = kinds[at % kinds.length]!;
    return new SlowSocket(port, what, slowness);
  });
};

async function openSockets(server: Server): Promise<number> {
  const { text } = await server.send('GET', '/metrics');
  return Number(/^nodejs_active_resources\{type="TCPSocketWrap"\} (\d+)$/m.exec(text)?.[1]);
}

interface Taken {
  status: number;
  milliseconds: number;
}

/** A read and a send in turns, at a pace. */
async function askFor(server: Server, { people }: Town, milliseconds: number): Promise<Taken[]> {
  const answers: Promise<Taken>[] = [];
  for (let turn = 0; turn < milliseconds / EVERY_MILLISECONDS; turn++) {
    const { headers } = people[turn % people.length]!;
    const begun = performance.now();
    const recipient = people[(turn + 1) % people.length]!.id;
    const asked =
      turn % 2 === 0
        ? server.send('GET', '/api/v1/me', headers)
        : server.send('POST', '/api/v1/messages/send', headers, { recipient, content: 'hello' });
    answers.push(
      asked.then(({ status }) => ({
        status: status === 201 ? 200 : status,
        milliseconds: performance.now() - begun,
      })),
    );
    await delay(EVERY_MILLISECONDS);
  }
  return Promise.all(answers);
}

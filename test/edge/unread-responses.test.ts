import { type Socket, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { useProcesses } from '../start/processes.js';
import type { Server } from '../support/process.js';
import { print, quantile, seconds } from '../faults/figures.js';
import { SETTINGS, type Town, type Townsman, buildTown } from '../faults/town.js';

const processes = useProcesses();

/** Each sends so many requests at once, without waiting for an answer, and reads none. */
const SOCKETS = 40;
const PIPELINED = 6;
/** A page of these takes a megabyte. */
const MESSAGES = 100;
const CONTENT = 'é'.repeat(5000);
/** Twice the 20 s without progress after which Node closes a socket that has data left to write. */
const CLOSED_WITHIN = 43_000;
/** So slowly that it takes more than a minute, and yet without a pause after which Node closes a socket. */
const SLOWLY = { requests: 40, everyMilliseconds: 250 };
/** A burst is over, and what it left unread counts as in flight. */
const BURST_MILLISECONDS = 4000;
const MEGABYTE = 2 ** 20;
/** What an organization may leave unread, and how many responses are too new to be closed for it. */
const MAX_HELD_MEGABYTES = 64;
const MAX_NEW = 20;
/** A second burst adds to what the first one holds no more than what is left of the 48 requests in flight. */
const MAX_MORE_MEGABYTES = 64;
const EVERY_MILLISECONDS = 50;
/** Fewer than the fair share of the others, who are served as long as they keep to it. */
const MAX_ASKED = 10;

it(
  'limits the memory of unread responses and closes their sockets, while others are served',
  {
    timeout: 120_000,
  },
  async () => {
    const database = await processes.database();
    const server = await processes.serve({ ...SETTINGS, DATABASE_URL: database.url, WORKER: 'off' });
    const [greedy, quiet] = [await buildTown(server), await buildTown(server)];
    const page = await fillGroup(server, greedy);
    const answers: Taken[] = [];
    const isOver = new AbortController();
    const asking = askUntil(isOver.signal, server, quiet, answers);

    const before = await figures(server);
    const begun = performance.now();
    const flood = () => openUnread(server, greedy);
    const unread = flood();
    await delay(BURST_MILLISECONDS);
    const held = await figuresOnceBounded(server, page);
    unread.push(...flood());
    await delay(BURST_MILLISECONDS);
    const heldThen = await figuresOnceBounded(server, page);
    await expect
      .poll(async () => (await figures(server)).inFlight, { timeout: CLOSED_WITHIN, interval: 250 })
      .toBe(0);
    const closedAfter = performance.now() - begun;
    isOver.abort();
    await asking;

    const wrong = answers.filter(({ status }) => status !== 200);
    print('unread responses', {
      sockets: unread.length,
      requests: unread.length * PIPELINED,
      'bytes each': page.length,
      'in flight': `${held.inFlight}, then ${heldThen.inFlight}`,
      memory: `${before.memory} MB, ${held.memory} MB, ${heldThen.memory} MB`,
      'closed after': seconds(closedAfter),
      'requests of others': answers.length,
      'not 200': wrong.length,
      p99: `${Math.round(
        quantile(
          answers.map(({ milliseconds }) => milliseconds),
          0.99,
        ),
      )} ms`,
    });
    expect(held.inFlight).toBeGreaterThan(10);
    expect(heldThen.memory - held.memory).toBeLessThan(MAX_MORE_MEGABYTES);
    expect(answers.length).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
    const { status, text } = await readPage(server, greedy);
    expect([status, text.length]).toEqual([200, page.length]);
  },
);

it(
  'closes the connection of a client that takes more than 30 s for its responses',
  { timeout: 120_000 },
  async () => {
    const database = await processes.database();
    const server = await processes.serve({ ...SETTINGS, DATABASE_URL: database.url, WORKER: 'off' });
    const town = await buildTown(server);
    await fillGroup(server, town);
    const inFlight = async () => (await figures(server)).inFlight;

    readSlowly(server, town);

    await expect.poll(inFlight, { timeout: 10_000 }).toBeGreaterThan(SLOWLY.requests / 2);
    await expect.poll(inFlight, { timeout: 40_000, interval: 250 }).toBe(0);
  },
);

function openUnread({ port }: Server, { group, groupId }: Town): Socket[] {
  const requests = requestFor(group[0]!, groupId).repeat(PIPELINED);
  const sockets = Array.from({ length: SOCKETS }, () => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(requests);
    return socket;
  });
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  return sockets;
}

function readSlowly({ port }: Server, { group, groupId }: Town): void {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined).pause();
  socket.write(requestFor(group[0]!, groupId).repeat(SLOWLY.requests));
  const reading = setInterval(() => void socket.read(), SLOWLY.everyMilliseconds);
  onTestFinished(() => {
    clearInterval(reading);
    socket.destroy();
  });
}

const pathOf = (groupId: string): string => `/api/v1/messages/threads/${groupId}`;

const requestFor = ({ headers }: Townsman, groupId: string): string =>
  `GET ${pathOf(groupId)}?limit=${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${headers['Authorization']}\r\n\r\n`;

const readPage = (server: Server, { group, groupId }: Town) =>
  server.send('GET', `${pathOf(groupId)}?limit=${MESSAGES}`, group[0]!.headers);

/** Fills a page, and answers with it. */
async function fillGroup(server: Server, town: Town): Promise<string> {
  const [{ headers }] = town.group as [Townsman];
  for (let count = 0; count < MESSAGES; count++) {
    const path = `${pathOf(town.groupId)}/messages`;
    expect((await server.send('POST', path, headers, { content: CONTENT })).status).toBe(201);
  }
  return (await readPage(server, town)).text;
}

/** A busy machine may still be making some of the responses when the burst is over. */
async function figuresOnceBounded(server: Server, page: string): Promise<Figures> {
  const fitting = (MAX_HELD_MEGABYTES * MEGABYTE) / Buffer.byteLength(page);
  await expect
    .poll(async () => (await figures(server)).inFlight, { timeout: 15_000, interval: 500 })
    .toBeLessThan(fitting + MAX_NEW);
  return figures(server);
}

interface Figures {
  memory: number;
  inFlight: number;
}

async function figures(server: Server): Promise<Figures> {
  const { text } = await server.send('GET', '/metrics');
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    memory: Math.round(value('process_resident_memory_bytes') / MEGABYTE),
    inFlight: value('http_requests_in_flight'),
  };
}

interface Taken {
  status: number;
  milliseconds: number;
}

async function askUntil(
  isOver: AbortSignal,
  server: Server,
  { people }: Town,
  answers: Taken[],
): Promise<void> {
  const asked = new Set<Promise<unknown>>();
  for (let turn = 0; !isOver.aborted; turn++) {
    if (asked.size === MAX_ASKED) await Promise.race(asked);
    const begun = performance.now();
    const { headers } = people[turn % people.length]!;
    const taken = server
      .send('GET', '/api/v1/me', headers)
      .then(({ status }) => answers.push({ status, milliseconds: performance.now() - begun }))
      .finally(() => asked.delete(taken));
    asked.add(taken);
    await delay(EVERY_MILLISECONDS);
  }
  await Promise.all(asked);
}

import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { type Author, RandomChanges, anyOf } from '../realtime/random-changes.js';
import { useProcesses } from '../start/processes.js';
import type { TestDatabase } from '../support/database.js';
import { print, scaled, seconds } from './figures.js';
import {
  type LiveClient,
  PollingClient,
  type Servers,
  SocketClient,
  StreamClient,
  wrong,
} from './live-clients.js';
import { IN_LARGE_GROUP, SETTINGS, type Town, type Townsman, buildTown } from './town.js';

const processes = useProcesses();

/** Each is followed by a quiet moment, in which every client is compared with a fresh fetch. */
const ROUNDS = scaled(2, 20);
const ROUND_SECONDS = scaled(2.5, 6);
const SENDS_A_SECOND = scaled(40, 200);
const CHANGES_A_SECOND = scaled(20, 50);
const DISCONNECTS = scaled(50, 1000);

/** A killed process may leave events that it had claimed, whose lease lasts 6 s. */
const HANDLED_WITHIN = 20_000;
/** A process looks every four seconds, whatever was announced. */
const EQUAL_WITHIN = 8000;

/** People who write to each other, of whom some have clients. */
const TALKERS = 16;
const TRANSPORTS = [SocketClient, PollingClient, StreamClient];
const CLIENTS_OF_EACH = 3;

beforeEach(() => {
  wrong.length = 0;
});

it('keeps clients equal to a fresh fetch while they are disconnected and processes are killed', async () => {
  const database = await processes.database();
  const serve = () => processes.serve({ ...SETTINGS, DATABASE_URL: database.url, WORKER: 'off' });
  const live = await Promise.all([serve(), serve()]);
  await processes.work(database.url);
  const servers: Servers = () => live;
  const town = await buildTown(live[0], IN_LARGE_GROUP);
  const { people, threads, changes } = await startTalk(town, servers);
  const clients = TRANSPORTS.flatMap((Transport) =>
    Array.from({ length: CLIENTS_OF_EACH }, (_, at) => new Transport(town.people[at]!, threads, servers)),
  );
  await Promise.all(clients.map((client) => client.start()));

  const writing = new Writing(people, changes);
  const equalAfter: number[] = [];
  let disconnects = 0;
  for (let round = 0; round < ROUNDS; round++) {
    writing.start();
    const begun = performance.now();
    const disconnecting = (async () => {
      for (let nth = 1; nth <= DISCONNECTS / ROUNDS; nth++, disconnects++) {
        const due = begun + (nth * ROUNDS * ROUND_SECONDS * 1000) / DISCONNECTS;
        await delay(Math.max(0, due - performance.now()));
        anyOf(clients).disconnect();
      }
    })();
    await delay((ROUND_SECONDS * 1000) / 2);
    const killed = live.shift()!;
    const replaced = killed.kill('SIGKILL').then(serve);
    await disconnecting;
    await writing.stop();
    live.push(await replaced);
    await handled(database);
    equalAfter.push(await expectEqual(clients));
  }
  await Promise.all(clients.map((client) => client.stop()));

  print('live updates', {
    kills: ROUNDS,
    disconnects,
    connections: clients.reduce((sum, { connections }) => sum + connections, 0),
    sent: writing.sent,
    changed: writing.changed,
    refused: writing.refused,
    resets: clients.reduce((sum, { model }) => sum + model.resets, 0),
    'equal after at most': seconds(Math.max(...equalAfter)),
  });
  expect([...wrong, ...writing.wrong]).toEqual([]);
  // A busy machine does not reach the rate.
  expect(writing.sent).toBeGreaterThan(10 * ROUNDS);
});

async function startTalk(town: Town, servers: Servers) {
  const people = town.people.slice(0, TALKERS).map((person) => authorOf(person, servers));
  const [ann, bob] = people as [Author, Author];
  const everybody = people.slice(1).map(({ id }) => id);
  const groups: string[] = [];
  for (let nth = 0; nth < 2; nth++) {
    const { body } = await ann.client.post('messages/threads', {
      participant_ids: everybody,
      subject: `Group ${nth}`,
    });
    groups.push(body.id as string);
  }
  const { body } = await ann.client.post('messages/send', { recipient: bob.id, content: 'hello' });
  // The town's group is so large that a worker notifies its people.
  const threads = [...groups, town.groupId, body.thread_id as string];
  const changes = new RandomChanges(people, groups, threads, 0.15);
  changes.sent.push({ by: ann, id: body.message_id as string });
  return { people, threads, changes };
}

/** Whose requests go to any process. */
function authorOf({ id, headers }: Townsman, servers: Servers): Author {
  const send = (method: string) => (path: string, body?: unknown) =>
    anyOf(servers()).send(method, `/api/v1/${path}`, headers, body);
  return {
    id,
    client: { get: send('GET'), post: send('POST'), patch: send('PATCH'), delete: send('DELETE') },
  };
}

const TICK_MILLISECONDS = 10;
/** What a machine cannot carry is left out, rather than piled up. */
const MAX_UNDER_WAY = 40;
/** Of sends; the others are direct. */
const TO_THREADS = 0.1;

/** Keeps up a rate of sends and of other changes. */
class Writing {
  sent = 0;
  changed = 0;
  refused = 0;
  readonly wrong: string[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly people: Author[],
    private readonly changes: RandomChanges,
  ) {}

  start(): void {
    this.timers = [
      this.keepUp(SENDS_A_SECOND, async () => {
        if (await this.isDone(this.send())) this.sent++;
      }),
      this.keepUp(CHANGES_A_SECOND, async () => {
        if (await this.isDone(this.changes.change(anyOf(this.people)))) this.changed++;
      }),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.underWay);
  }

  private keepUp(rate: number, work: () => Promise<void>): NodeJS.Timeout {
    const since = performance.now();
    let started = 0;
    return setInterval(() => {
      const due = ((performance.now() - since) * rate) / 1000;
      for (; started < due; started++) {
        if (this.underWay.size >= MAX_UNDER_WAY) continue;
        const working = work().finally(() => this.underWay.delete(working));
        this.underWay.add(working);
      }
    }, TICK_MILLISECONDS);
  }

  private send() {
    const by = anyOf(this.people);
    if (Math.random() < TO_THREADS) return this.changes.send(by);
    const others = this.people.filter((other) => other !== by);
    return by.client.post('messages/send', { recipient: anyOf(others).id, content: `text ${Math.random()}` });
  }

  /** A killed process leaves requests without an answer. */
  private async isDone(sent: Promise<{ status: number; body: unknown }>): Promise<boolean> {
    const answer = await sent.catch(() => undefined);
    if (answer && answer.status < 300) return true;
    this.refused++;
    if (answer && answer.status >= 500 && answer.status !== 503)
      this.wrong.push(`${answer.status} ${JSON.stringify(answer.body)}`);
    return false;
  }
}

/** The worker has marked and created all notifications. */
const handled = (database: TestDatabase) =>
  expect
    .poll(async () => (await database.query('SELECT FROM outbox WHERE run_at <= now()')).length, {
      timeout: HANDLED_WITHIN,
      interval: 50,
    })
    .toBe(0);

/** How long it took until the last client was. */
async function expectEqual(clients: LiveClient[]): Promise<number> {
  const since = performance.now();
  let equalAfter = 0;
  for (const { model } of clients) {
    const fetched = await model.fetched();
    await expect.poll(() => model.differences(fetched), { timeout: EQUAL_WITHIN, interval: 100 }).toEqual({});
    equalAfter = performance.now() - since;
  }
  return equalAfter;
}

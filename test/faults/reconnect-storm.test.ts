import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { expect, it, onTestFinished } from 'vitest';
import { useProcesses } from '../start/processes.js';
import type { Server } from '../support/process.js';
import { print, quantile, scaled, seconds } from './figures.js';
import { FEW, Senders } from './senders.js';
import { Balancer } from './balancer.js';
import { SETTINGS, type Townsman, buildTown } from './town.js';

const processes = useProcesses();

const PEOPLE = scaled(25, 125);
const OF_EACH = scaled(4, 8);
const RATE = 20;
const MEASURED_SECONDS = scaled(1, 20);
/** Half of it is the time that the server spreads them over. In the short form, others use the machine. */
const LIVE_WITHIN = scaled(20_000, 10_000);
/** After it, nobody is busy with having connected. */
const SETTLED_MILLISECONDS = scaled(1000, 10_000);
/** What a client adds to in_ms of the drain frame, or waits after a broken connection. */
const MAX_BACKOFF_MILLISECONDS = 1000;
const LAST = 'to all of them';

it('connects a crowd again within seconds, while sends go on, when a process is restarted', async () => {
  const database = await processes.database();
  const serve = () => processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  const [stopping, other] = await Promise.all([serve(), serve()]);
  const balancer = new Balancer();
  onTestFinished(() => balancer.stop());
  for (const server of [stopping, other]) balancer.add(server);
  const town = await buildTown(other, PEOPLE);
  const live = [stopping];
  const followers = town.people
    .slice(0, PEOPLE)
    .flatMap((person) => Array.from({ length: OF_EACH }, () => new Follower(person, () => live)));
  await Promise.all(followers.map((follower) => follower.connect()));
  onTestFinished(() => followers.forEach((follower) => follower.stop()));

  // Each has read what changed since its cursor.
  await delay(SETTLED_MILLISECONDS);
  const senders = new Senders(town, () => balancer);
  senders.start(RATE, FEW);
  await delay(MEASURED_SECONDS * 1000);
  const measured = performance.now();
  // As in a rolling restart, the new process serves before the old one stops.
  const replacement = await serve();
  balancer.add(replacement);
  const restarted = performance.now();
  live.splice(0, 1, other, replacement);
  await stopping.kill('SIGTERM');
  balancer.remove(stopping);
  const isLive = () => followers.filter(({ liveAt }) => liveAt > restarted).length;
  await expect.poll(isLive, { timeout: 2 * LIVE_WITHIN, interval: 20 }).toBe(followers.length);
  const liveAfter = Math.max(...followers.map(({ liveAt }) => liveAt)) - restarted;
  const until = performance.now();
  await senders.stop();
  // Each of them gets what is new in the group.
  const path = `/api/v1/messages/threads/${town.groupId}/messages`;
  await other.send('POST', path, town.people[0]!.headers, { content: LAST });
  await expect
    .poll(() => followers.filter(({ hasLast }) => hasLast).length, { timeout: 10_000 })
    .toBe(followers.length);

  const p99 = (from: number, to: number) =>
    quantile(
      senders.attempts
        .filter(({ begun }) => begun >= from && begun < to)
        .map(({ milliseconds }) => milliseconds),
      0.99,
    );
  const [before, meanwhile] = [p99(0, measured), p99(restarted, until)];
  print('reconnect storm', {
    connections: followers.length,
    'all live after': seconds(liveAfter),
    sends: senders.attempts.length,
    'p99 before': `${Math.round(before)} ms`,
    'p99 meanwhile': `${Math.round(meanwhile)} ms`,
  });
  expect(followers.flatMap(({ refusals }) => refusals)).toEqual([]);
  expect(senders.attempts.filter(({ outcome }) => outcome !== 201)).toEqual([]);
  expect(liveAfter).toBeLessThan(LIVE_WITHIN);
  // The short form has too few sends for a p99.
  if (scaled(false, true)) expect(meanwhile).toBeLessThan(2 * before);
});

/** A client that reconnects with its cursor when the server says. */
class Follower {
  /** When it was greeted last. */
  liveAt = 0;
  hasLast = false;
  readonly refusals: string[] = [];
  private cursor?: string;
  private socket?: WebSocket;
  private isStopped = false;

  constructor(
    private readonly person: Townsman,
    private readonly servers: () => Server[],
  ) {}

  stop(): void {
    this.isStopped = true;
    this.socket?.terminate();
  }

  /** Until it is live. */
  connect(): Promise<void> {
    const servers = this.servers();
    const { port } = servers[Math.floor(Math.random() * servers.length)]!;
    const query = this.cursor ? `?cursor=${this.cursor}` : '';
    const { headers } = this.person;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/realtime${query}`, 'tidings.v2', { headers });
    this.socket = socket;
    let pause = 0;
    socket.on('unexpected-response', (_request, { statusCode }) => {
      this.refusals.push(`refused with ${statusCode}`);
      socket.terminate();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.isStopped) return;
      setTimeout(() => void this.connect(), pause + Math.random() * MAX_BACKOFF_MILLISECONDS);
    });
    return new Promise((resolve) => {
      socket.on('message', (data: Buffer) => {
        const text = data.toString();
        const frame = JSON.parse(text) as { type: string; cursor: string; n: number; in_ms: number };
        if (frame.type === 'drain') pause = frame.in_ms;
        else this.cursor = frame.cursor;
        if (frame.type === 'hello') {
          this.liveAt = performance.now();
          resolve();
        }
        if (frame.type !== 'sync') return;
        this.hasLast ||= text.includes(LAST);
        socket.send(JSON.stringify({ type: 'ack', n: frame.n }));
      });
    });
  }
}

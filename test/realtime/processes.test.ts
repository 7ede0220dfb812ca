import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApi } from '../../apps/api/create-api.js';
import { EventStream } from '../../apps/api/realtime/event-stream.js';
import { ServingState } from '../../apps/api/operations/serving-state.js';
import { type Client, TEST_CONFIG, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { Connection, connect, dial, portOf, refusal, tokenOf } from './client.js';
import { StreamClient } from './stream-client.js';

const api = useApi();

/** Another process on the same database, without a worker. */
let other: NestFastifyApplication;
let [ann, bob]: TestMember[] = [];
let asAnn: Client;

beforeEach(async () => {
  const { url } = api.database;
  const urls = { request: url, relay: url, migrate: url };
  ({ app: other } = await createApi({ ...TEST_CONFIG, worker: 'off' }, urls, pino({ level: 'silent' })));
  await other.listen(0, '127.0.0.1');
  const organization = await api.build.organization();
  [ann, bob] = await Promise.all([1, 2].map(() => api.build.member({ organization })));
  asAnn = await api.as(ann!);
});

afterEach(() => other.close());

async function connectThere(): Promise<Connection> {
  const Authorization = `Bearer ${await tokenOf(api, bob!)}`;
  return new Connection(dial(portOf({ app: other }), { headers: { Authorization } })).ready();
}

const send = (content: string) => asAnn.post('messages/send', { recipient: bob!.id, content });

describe('a process without a worker', () => {
  it('sends its clients notifications that another process created', async () => {
    const [here, there] = [await connect(api, bob!), await connectThere()];
    const contents = ['one', 'two', 'three', 'four'];
    for (const [index, content] of contents.entries()) {
      await send(content);
      const expected = contents.slice(0, index + 1);
      // Sooner than they look by themselves.
      await Promise.all([here.expectBodies(expected, 1000), there.expectBodies(expected, 1000)]);
    }
    here.drop();
    there.drop();
  });

  it('sends everything missed once its LISTEN connection is back', async () => {
    const there = await connectThere();
    await api.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'tidings listener' AND datname = current_database()`,
    );
    for (const content of ['one', 'two', 'three']) await send(content);
    await there.expectBodies(['one', 'two', 'three']);
    await send('four');
    await there.expectBodies(['one', 'two', 'three', 'four']);
    there.drop();
  });
});

/** What changed for Bob, by a process. */
async function changes(port: number, cursor?: string, wait = 0): Promise<Record<string, any>> {
  const query = cursor === undefined ? '' : `?cursor=${cursor}&wait=${wait}`;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/realtime/changes${query}`, {
    headers: { Authorization: `Bearer ${await tokenOf(api, bob!)}` },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, any>;
}

describe('a cursor', () => {
  it('is valid at every process, and a process wakes for what another one commits', async () => {
    const [here, there] = [portOf(api), portOf({ app: other })];
    const { cursor } = await changes(here);
    await send('one');
    const seen = await changes(there, cursor as string);
    expect(seen['threads']).toMatchObject([{ unread_count: 1 }]);
    const waiting = changes(there, seen['cursor'] as string, 25);
    await delay(100);
    const begun = performance.now();
    await send('two');
    expect((await waiting)['threads']).toMatchObject([{ unread_count: 2 }]);
    // Sooner than it looks by itself.
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

describe('a process that stops', () => {
  it('answers requests that wait for changes', async () => {
    const there = portOf({ app: other });
    const { cursor } = await changes(there);
    const waiting = changes(there, cursor as string, 25);
    await delay(200);
    const begun = performance.now();
    other.get(ServingState).draining = true;
    expect((await waiting)['threads']).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('sends event streams the time at which to reconnect, and ends them', async () => {
    const client = await StreamClient.open({ app: other }, await tokenOf(api, bob!));
    await expect.poll(() => client.frames.length).toBe(1);
    other.get(ServingState).draining = true;
    await expect.poll(() => client.isOver).toBe(true);
    expect(client.frames.at(-1)).toEqual({ type: 'drain', in_ms: client.retry });
    expect(client.retry).toBeLessThan(5000);
    const { status } = await StreamClient.open({ app: other }, await tokenOf(api, bob!));
    expect(status).toBe(503);
  });

  it('does not wait long for event streams that are not read', async () => {
    const greeted = vi.spyOn(EventStream.prototype, 'greet');
    const client = await StreamClient.open({ app: other }, await tokenOf(api, bob!));
    client.response.pause();
    await expect.poll(() => greeted.mock.contexts.length).toBe(1);
    // More than the buffers of the system hold.
    (greeted.mock.contexts[0] as EventStream)['response'].write(Buffer.alloc(20 * 2 ** 20));
    const start = performance.now();
    await other.close();
    expect(performance.now() - start).toBeLessThan(4000);
    client.drop();
    greeted.mockRestore();
  });

  it('closes its connections at the first signal, and accepts no more', async () => {
    const there = await connectThere();
    other.get(ServingState).draining = true;
    await there.expectClosed(1001);
    const Authorization = `Bearer ${await tokenOf(api, bob!)}`;
    const answer = await refusal(dial(portOf({ app: other }), { headers: { Authorization } }));
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  });

  it('does not wait long for clients that do not close', async () => {
    const port = portOf({ app: other });
    const token = await tokenOf(api, bob!);
    const socket = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      `GET /api/v1/realtime HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1.1 101 /);
    const start = performance.now();
    await other.close();
    expect(performance.now() - start).toBeLessThan(4000);
    socket.resume();
    await closed;
  });
});

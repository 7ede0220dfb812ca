import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../../apps/api/create-api.js';
import { ServingState } from '../../apps/api/operations/serving-state.js';
import { type Client, TEST_CONFIG, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { Connection, connect, dial, portOf, refusal, tokenOf } from './client.js';

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
  return new Connection(dial(portOf({ app: other }), { headers: { Authorization } })).greeted();
}

const send = (content: string) => asAnn.post('messages/send', { recipient: bob!.id, content });

describe('a process without a worker', () => {
  it('tells whoever is connected to it what the worker of another has made', async () => {
    const [here, there] = [await connect(api, bob!), await connectThere()];
    const contents = ['one', 'two', 'three', 'four'];
    for (const [index, content] of contents.entries()) {
      await send(content);
      const told = contents.slice(0, index + 1);
      // Sooner than they look by themselves.
      await Promise.all([here.isTold(told, 1000), there.isTold(told, 1000)]);
    }
    here.drop();
    there.drop();
  });

  it('has told everything once its listener is back', async () => {
    const there = await connectThere();
    await api.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'tidings listener' AND datname = current_database()`,
    );
    for (const content of ['one', 'two', 'three']) await send(content);
    await there.isTold(['one', 'two', 'three']);
    await send('four');
    await there.isTold(['one', 'two', 'three', 'four']);
    there.drop();
  });
});

describe('a process that stops', () => {
  it('says so to all who are connected, at the first sign, and takes nobody else', async () => {
    const there = await connectThere();
    other.get(ServingState).draining = true;
    await there.isClosed(1001);
    const Authorization = `Bearer ${await tokenOf(api, bob!)}`;
    const answer = await refusal(dial(portOf({ app: other }), { headers: { Authorization } }));
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  });

  it('does not wait for long for whoever does not let go', async () => {
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

describe('whoever reads too slowly', () => {
  const MEGABYTE = 'x'.repeat(1024 * 1024);

  /** Straight into the feed: by messages it would take thousands. */
  async function tell(count: number): Promise<void> {
    await api.database.query(
      `WITH feed AS (
         UPDATE tidings.feeds SET last_seq = last_seq + $2 WHERE user_id = $1
         RETURNING organization_id, user_id, last_seq - $2 AS seq
       )
       INSERT INTO tidings.notifications
         (organization_id, user_id, seq, id, source_id, type, title, body, priority, decisions)
       SELECT organization_id, user_id, feed.seq + number, gen_random_uuid(), gen_random_uuid(), 'SYSTEM', 'Title',
              $3, 'normal', '{"realtime": {"value": "on"}}'
       FROM feed, generate_series(1, $2::bigint) AS number`,
      [bob!.id, count, MEGABYTE],
    );
    await api.database.query(`NOTIFY tidings_realtime`);
  }

  it('is disconnected, and others are told nevertheless', async () => {
    const [slow, quick] = [await connect(api, bob!), await connect(api, bob!)];
    await send('first');
    await slow.isTold(['first']);
    slow.socket.pause();
    for (let batch = 1; batch <= 12; batch++) {
      await tell(3);
      await expect.poll(() => quick.told.length, { timeout: 10_000, interval: 5 }).toBe(1 + 3 * batch);
    }
    slow.socket.resume();
    await slow.isClosed(1006);
    expect(slow.told.length).toBeLessThan(37);
    expect(quick.closed).toBeUndefined();
    quick.drop();
  });
});

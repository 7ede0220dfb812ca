import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionLimits } from '../../apps/api/realtime/connection-limits.js';
import { EventStream, HEARTBEAT_MILLISECONDS } from '../../apps/api/realtime/event-stream.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';
import { tokenOf } from './client.js';
import { StreamClient, type Streaming } from './stream-client.js';
import { SyncClient } from './sync-client.js';

const api = useApi({ corsOrigins: ['https://clinic.example'] });

let [ann, bob]: Person[] = [];
let open: { drop: () => void }[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob] = await Promise.all([1, 2].map(() => person(api, organization)));
});

afterEach(() => {
  for (const client of open) client.drop();
  open = [];
});

async function connect(who: Person, given?: Streaming): Promise<StreamClient> {
  const client = await StreamClient.connect(api, who, given);
  open.push(client);
  return client;
}

/** The status and the problem of a request that is refused. */
async function refusal(token: string, given?: Streaming): Promise<{ status?: number; body: any }> {
  const client = await StreamClient.open(api, token, given);
  await once(client.response, 'end');
  return { status: client.status, body: JSON.parse(client.text) };
}

const within = { timeout: 10_000, interval: 5 };

const previews = (client: StreamClient) =>
  client.all('threads').map(({ last_message }) => last_message.preview as string);

const metrics = async () => (await api.anybody.get('/metrics')).text;

describe('an event stream', () => {
  it('sends a cursor, and then the state of what changes, with the cursor as id', async () => {
    const client = await connect(bob!);
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String),
    });
    const [hello] = client.frames;
    expect(client.frames).toEqual([{ type: 'hello', cursor: client.lastEventId }]);
    const { thread_id } = await send(ann!, bob!, 'hello');
    await expect
      .poll(() => client.all('threads'), within)
      .toMatchObject([{ id: thread_id, unread_count: 1 }]);
    expect(client.syncs[0]).toMatchObject({ n: 1, counts: { messages: 1 }, cursor: client.lastEventId });
    expect(client.lastEventId).not.toBe(hello!['cursor']);
    expect(client.all('messages')).toEqual([]);
  });

  it('continues after Last-Event-ID without a gap, rather than after its cursor', async () => {
    const before = await connect(bob!);
    const { cursor } = before.frames[0] as unknown as { cursor: string };
    await send(ann!, bob!, 'one');
    await expect.poll(() => previews(before), within).toContain('one');
    before.drop();
    await send(ann!, bob!, 'two');
    const after = await connect(bob!, { lastEventId: before.lastEventId, cursor });
    await expect.poll(() => previews(after), within).toEqual(['two']);
    expect(after.frames[0]!['cursor']).toBe(before.lastEventId);
    const [{ id }] = before.all('threads') as [{ id: string }];
    const again = await connect(bob!, { cursor, threads: id });
    await expect
      .poll(() => again.all('messages').map(({ content }) => content as string), within)
      .toEqual(['one', 'two']);
  });

  it('sends the messages of the threads that the client shows, in frame after frame', async () => {
    const group = await startGroup(ann!, [bob!]);
    const client = await connect(bob!, { threads: group.toUpperCase() });
    for (const [index, text] of ['one', 'two'].entries()) {
      await post(ann!, group, text);
      await expect.poll(() => client.syncs.at(-1)?.['messages']?.[0]?.content as string, within).toBe(text);
      expect(client.syncs.length).toBeGreaterThan(index);
    }
  });

  it('leaves notifications undelivered over WebSocket', async () => {
    const client = await connect(bob!);
    await send(ann!, bob!, 'hello');
    await expect.poll(() => client.all('notifications').length, within).toBeGreaterThan(0);
    const socket = await SyncClient.open(api, bob!, { cursor: client.frames[0]!['cursor'] as string });
    const [{ id }] = client.all('notifications') as [{ id: string }];
    const read = async () =>
      (await bob!.client.get(`notifications/${id}`)).body['delivered_via_ws'] as boolean;
    expect(await read()).toBe(false);
    // The WebSocket gets the same notification.
    await expect.poll(read, within).toBe(true);
    socket.socket.terminate();
  });

  it('counts neither as a request in flight nor as a slow one', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => connect(bob!)));
    await expect.poll(metrics).toContain('http_requests_in_flight 0');
    for (const client of clients) client.drop();
    await bob!.client.get('realtime/stream');
    const durations =
      'http_request_duration_seconds_count{method="GET",route="/api/v1/realtime/stream",status=';
    await expect.poll(metrics).toContain(`${durations}"400"}`);
    expect(await metrics()).not.toContain(`${durations}"200"}`);
  });

  it('may be silent for longer than a request', async () => {
    const arrived = once(api.app.getHttpServer(), 'request') as Promise<[IncomingMessage]>;
    await connect(bob!);
    const [{ socket }] = await arrived;
    expect(socket.timeout).toBeGreaterThan(HEARTBEAT_MILLISECONDS);
  });

  it('is not opened by HEAD', async () => {
    const headers = { Authorization: `Bearer ${await tokenOf(api, bob!)}`, Accept: 'text/event-stream' };
    for (let nth = 1; nth <= 12; nth++) {
      const { status } = await api.http.send({ method: 'HEAD', path: '/api/v1/realtime/stream', headers });
      expect(status).toBe(200);
    }
  });

  it('can be read by pages of CORS_ORIGINS, and is refused to others', async () => {
    const client = await connect(bob!, { headers: { Origin: 'https://clinic.example' } });
    expect(client.response.headers['access-control-allow-origin']).toBe('https://clinic.example');
    const headers = { Origin: 'https://evil.example' };
    expect(await refusal(await tokenOf(api, bob!), { headers })).toMatchObject({ status: 403 });
  });
});

describe('an event stream is refused', () => {
  it('without a token in Authorization, and to services', async () => {
    const token = await tokenOf(api, bob!);
    expect(await refusal('x.y.z')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    for (const name of ['token', 'access_token', 'authorization'])
      expect((await api.anybody.get(`realtime/stream?${name}=${token}`)).status).toBe(401);
    const { secret } = await api.build.key(bob!.organization, ['act_as']);
    const service = api.withKey(secret).with({ 'X-On-Behalf-Of': bob!.id, Accept: 'text/event-stream' });
    expect((await service.get('realtime/stream')).status).toBe(403);
  });

  it.each([
    ['a cursor', 'cursor', { cursor: 'x' }],
    ['a Last-Event-ID', 'Last-Event-ID', { lastEventId: 'x' }],
    ['threads', 'threads', { threads: 'x' }],
    ['an Accept', 'Accept', { headers: { Accept: 'application/json' } }],
  ])('with %s that is invalid', async (_what, field, given) => {
    const { status, body } = await refusal(await tokenOf(api, bob!), given);
    expect({ status, errors: body.errors }).toMatchObject({ status: 400, errors: [{ field }] });
  });

  it('while the person has ten connections, of any kind', async () => {
    const streams = await Promise.all(Array.from({ length: 9 }, () => connect(bob!)));
    const { socket } = await SyncClient.open(api, bob!);
    const token = await tokenOf(api, bob!);
    expect(await refusal(token)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect((await bob!.client.get(`realtime/changes?cursor=${streams[0]!.lastEventId}`)).status).toBe(429);
    streams[0]!.drop();
    await expect
      .poll(async () => {
        const client = await StreamClient.open(api, token);
        open.push(client);
        return client.status;
      })
      .toBe(200);
    socket.terminate();
  });

  it('while the organization has as many connections as it may', async () => {
    const limits = api.app.get(ConnectionLimits);
    const { maxPerOrganization } = limits;
    limits.maxPerOrganization = 1;
    try {
      await connect(bob!);
      expect(await refusal(await tokenOf(api, ann!))).toMatchObject({ status: 429 });
    } finally {
      limits.maxPerOrganization = maxPerOrganization;
    }
  });
});

describe('an event stream ends', () => {
  const end = (code: number, reason: string) => ({ type: 'end', code, reason });

  it('when the token expires', async () => {
    // It may expire before the first frame has come.
    const client = await StreamClient.open(api, await tokenOf(api, bob!, '1 second'));
    open.push(client);
    await expect.poll(() => client.isOver, within).toBe(true);
    expect(client.frames.at(-1)).toEqual(end(4401, 'token expired'));
    expect(client.response.complete).toBe(true);
  });

  it('within five seconds after the membership ends', async () => {
    const client = await connect(bob!);
    await api.platform(bob!.organization).delete(`members/${bob!.id}`);
    await expect.poll(() => client.isOver, { timeout: 5000, interval: 5 }).toBe(true);
    expect(client.frames.at(-1)).toEqual(end(4403, 'no longer a member'));
  });
});

describe('a client of an event stream that does not read', () => {
  const MEGABYTE = 2 ** 20;

  /** A notification of a megabyte. */
  const fill = () =>
    api.database.query(
      `WITH feed AS (
         INSERT INTO tidings.feeds (organization_id, user_id, last_seq) VALUES ($1, $2, 1) RETURNING *
       )
       INSERT INTO tidings.notifications
         (organization_id, user_id, seq, id, source_id, type, title, body, priority, decisions)
       SELECT organization_id, user_id, last_seq, gen_random_uuid(), gen_random_uuid(), 'SYSTEM', 'Title',
              $3, 'normal', '{}'
       FROM feed`,
      [bob!.organization.id, bob!.id, 'x'.repeat(MEGABYTE)],
    );

  const change = (nth: number) =>
    api.database.query(
      `WITH changed AS (
         UPDATE tidings.notifications SET read_at = to_timestamp($2) WHERE user_id = $1 RETURNING seq
       )
       SELECT pg_notify('tidings_realtime', '') FROM changed LIMIT 1`,
      [bob!.id, nth],
    );

  it('costs at most a frame of memory, and then gets the state of now in one frame', async () => {
    await fill();
    const delivered = vi.spyOn(EventStream.prototype, 'deliver');
    const client = await connect(bob!);
    client.response.pause();
    const last = () => delivered.mock.lastCall?.[0].notifications[0]?.read_at?.getTime();
    const stream = () => delivered.mock.contexts[0] as EventStream;
    let nth = 0;
    do {
      await change(++nth);
      await expect.poll(last, within).toBe(1000 * nth);
    } while (!stream().isBehind);
    // The rest is in the buffers of the system.
    expect(stream().unsentBytes).toBeLessThan(1.1 * MEGABYTE);
    const frames = delivered.mock.calls.length;
    for (let more = 1; more <= 3; more++) await change(++nth);
    await send(ann!, bob!, 'hello');
    expect(delivered).toHaveBeenCalledTimes(frames);
    client.response.resume();
    await expect.poll(() => client.syncs.length, within).toBe(frames + 1);
    expect(client.syncs.at(-1)).toMatchObject({
      threads: [{ unread_count: 1 }],
      notifications: [{ read_at: new Date(1000 * nth).toISOString() }, { body: 'hello' }],
    });
  });
});

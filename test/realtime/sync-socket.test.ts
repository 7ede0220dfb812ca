import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SyncService } from '#realtime';
import { type Person, person, post, send, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';
import { SyncClient, useSyncClients } from './sync-client.js';

const api = useApi();
const connect = useSyncClients(api);

let [ann, bob]: Person[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob] = await Promise.all([1, 2].map(() => person(api, organization)));
});

const within = { timeout: 10_000, interval: 5 };

describe('a connection by tidings.v2', () => {
  it('gets a cursor, and then the state of what changes', async () => {
    const client = await connect(bob!);
    expect(client.frames).toEqual([{ type: 'hello', cursor: expect.any(String) }]);
    const { thread_id } = await send(ann!, bob!, 'hello');
    await expect
      .poll(() => client.syncs[0]?.['threads'], within)
      .toMatchObject([{ id: thread_id, unread_count: 1 }]);
    expect(client.all('messages')).toEqual([]);
    expect(client.syncs[0]).toMatchObject({ n: 1, counts: { messages: 1 } });
  });

  it('gets its cursor even if the database does not answer at first', async () => {
    vi.spyOn(api.app.get(SyncService), 'now').mockRejectedValueOnce(new Error('No connection'));
    const client = await connect(bob!);
    await send(ann!, bob!, 'hello');
    await expect.poll(() => client.syncs[0]?.['threads'], within).toMatchObject([{ unread_count: 1 }]);
    expect(client.frames.filter(({ type }) => type === 'hello')).toHaveLength(1);
  });

  it('gets what changed while it was away, on from its cursor', async () => {
    const before = await connect(bob!);
    const { cursor } = before.frames[0]!;
    before.socket.terminate();
    const { thread_id } = await send(ann!, bob!, 'while away');
    const after = await connect(bob!, { cursor: cursor as string });
    await expect.poll(() => after.syncs[0]?.['threads'], within).toMatchObject([{ id: thread_id }]);
  });

  it('gets the messages and read marks of the threads in focus', async () => {
    const { thread_id } = await send(ann!, bob!, 'one');
    const client = await connect(ann!);
    await client.focus(thread_id);
    await send(ann!, bob!, 'two');
    await bob!.client.post(`messages/threads/${thread_id}/read`, {});
    await expect
      .poll(() => client.all('messages').map(({ content }) => content as string), within)
      .toContain('two');
    await expect
      .poll(() => client.all('marks').at(-1)?.read_marks, within)
      .toMatchObject([{ user_id: bob!.id, seq: 2 }]);
    await client.focus();
    await send(bob!, ann!, 'three');
    await expect
      .poll(() => client.all('threads').at(-1)?.last_message.preview as string, within)
      .toBe('three');
    await send(bob!, ann!, 'four');
    await expect
      .poll(() => client.all('threads').at(-1)?.last_message.preview as string, within)
      .toBe('four');
    expect(client.all('messages').map(({ content }) => content as string)).not.toContain('four');
  });

  it('marks notifications as delivered over WebSocket', async () => {
    const client = await connect(bob!);
    await send(ann!, bob!, 'hello');
    await expect.poll(() => client.all('notifications').length, within).toBeGreaterThan(0);
    const [{ id }] = client.all('notifications') as [{ id: string }];
    const isDelivered = async () =>
      (await bob!.client.get(`notifications/${id}`)).body['delivered_via_ws'] as boolean;
    await expect.poll(isDelivered, within).toBe(true);
  });

  it('gets nothing of other people, and nothing while it is blocked', async () => {
    const organization = bob!.organization;
    const [eve, client] = [await person(api, organization), await connect(bob!)];
    await send(ann!, eve, 'not for Bob');
    await startGroup(ann!, [eve]);
    await ann!.client.post(`messages/users/${bob!.id}/block`);
    const { thread_id } = await send(eve, bob!, 'for Bob');
    await expect.poll(() => client.syncs[0]?.['threads'], within).toMatchObject([{ id: thread_id }]);
    expect(client.syncs.filter(({ reset }) => reset)).toEqual([]);
  });

  it('gets at most 16 frames that it has not acknowledged, and then the state of now', async () => {
    const group = await startGroup(ann!, [bob!]);
    const client = await connect(bob!);
    client.acknowledges = false;
    for (let nth = 1; nth <= 30; nth++) {
      await post(ann!, group, `text ${nth}`);
      if (nth <= 16)
        await expect.poll(() => client.syncs.length, within).toBeGreaterThanOrEqual(Math.min(nth, 16));
    }
    expect(client.syncs).toHaveLength(16);
    client.acknowledges = true;
    client.send({ type: 'ack', n: 16 });
    await expect.poll(() => client.all('threads').at(-1)?.unread_count as number, within).toBe(30);
    expect(client.syncs.length).toBeLessThan(25);
  });

  it('is closed once the person is removed', async () => {
    const { organization, admin } = await api.build.organizationWithAdmin();
    const eve = await person(api, organization);
    const client = await connect(eve);
    await admin.delete(`members/${eve.id}`);
    await client.expectClosed(4403);
  });

  it('is closed when the token expires', async () => {
    await (await SyncClient.dial(api, bob!, { lifetime: '1 second' })).expectClosed(4401);
  });

  it.each([
    'nonsense',
    '{"type":"focus"}',
    '{"type":"focus","threads":["x"]}',
    '{"type":"ack","n":"1"}',
    '[]',
  ])('is closed after an invalid frame: %s', async (frame) => {
    const client = await connect(bob!);
    client.send(frame);
    await client.expectClosed(4400);
  });

  it('is closed if it sends too many frames', async () => {
    const client = await connect(bob!);
    for (let nth = 0; nth < 30; nth++) client.send({ type: 'focus', threads: [] });
    await client.expectClosed(4429);
  });

  it('is greeted late if the cursor of now cannot be read at first', async () => {
    const sync = api.app.get(SyncService, { strict: false });
    const failing = vi.spyOn(sync, 'now').mockRejectedValueOnce(new Error('Connection terminated'));
    await connect(bob!);
    expect(failing).toHaveBeenCalledTimes(2);
    failing.mockRestore();
  });

  it('gets the messages of the threads in its URL from the first frame on', async () => {
    const { cursor } = (await bob!.client.get('realtime/changes')).body as { cursor: string };
    const { thread_id: threadId } = await send(ann!, bob!, 'hi');
    const client = await connect(bob!, { cursor, threads: [threadId] });
    await expect.poll(() => client.syncs.length, within).toBeGreaterThan(0);
    expect(client.frames.slice(0, 2)).toEqual([
      { type: 'hello', cursor },
      { type: 'focus', threads: [threadId] },
    ]);
    expect(client.syncs[0]!['messages']).toMatchObject([{ content: 'hi' }]);
  });

  it.each(['x', `${'0199a000-0000-7000-8000-000000000301,'.repeat(20)}0199a000-0000-7000-8000-000000000301`])(
    'is refused with threads that it cannot follow: %s',
    async (threads) => {
      const { status, body } = await bob!.client.get(`realtime?threads=${threads}`);
      expect({ status, errors: body.errors }).toMatchObject({ status: 400, errors: [{ field: 'threads' }] });
    },
  );

  it('is refused with a cursor that Tidings did not return', async () => {
    const { status, body } = await bob!.client.get('realtime?cursor=x');
    expect({ status, errors: body.errors }).toMatchObject({ status: 400, errors: [{ field: 'cursor' }] });
  });
});

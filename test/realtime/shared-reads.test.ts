import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SyncReader } from '../../libs/realtime/sync-reader.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';
import { useSyncClients } from './sync-client.js';

const api = useApi();
const connect = useSyncClients(api);

let [ann, bob]: Person[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob] = await Promise.all([1, 2].map(() => person(api, organization)));
});

afterEach(() => vi.restoreAllMocks());

const within = { timeout: 10_000, interval: 5 };

describe('a connection', () => {
  it('shares one read with the other connections of the person that show the same', async () => {
    const { thread_id: threadId } = await send(ann!, bob!, 'one');
    const { cursor } = (await bob!.client.get('realtime/changes')).body as { cursor: string };
    const given = [{ cursor }, { cursor }, { cursor }, { cursor, threads: [threadId] }];
    const connections = await Promise.all(given.map((each) => connect(bob!, each)));
    const unread = () => connections.map((client) => client.syncs.at(-1)?.['counts'].messages as number);
    const frames = () => connections.reduce((sum, client) => sum + client.syncs.length, 0);
    await send(ann!, bob!, 'two');
    await expect.poll(unread, within).toEqual([2, 2, 2, 2]);
    // Until all of them wait again.
    await delay(300);
    const before = frames();
    const reading = vi.spyOn(SyncReader.prototype as unknown as { read: () => unknown }, 'read');
    await send(ann!, bob!, 'three');
    await expect.poll(unread, within).toEqual([3, 3, 3, 3]);
    const reads = reading.mock.calls.length;
    // Mostly one for the connections that show nothing, and one for the fourth.
    expect(reads).toBeLessThan(frames() - before);
    const contents = () =>
      connections.map((client) => new Set(client.all('messages').map(({ content }) => content as string)));
    await expect.poll(contents, within).toEqual([new Set(), new Set(), new Set(), new Set(['two', 'three'])]);
    const marks = () => connections.map((client) => client.all('marks').length);
    const known = marks().at(-1)!;
    expect((await bob!.client.post(`messages/threads/${threadId}/read`)).status).toBe(200);
    await expect.poll(unread, within).toEqual([0, 0, 0, 0]);
    await expect.poll(() => marks().at(-1), within).toBeGreaterThan(known);
    expect(marks().slice(0, 3)).toEqual([0, 0, 0]);
  });

  it('shares no read with another person, although the same changed for both', async () => {
    const eve = await person(api, ann!.organization);
    const threadId = await startGroup(eve, [ann!, bob!]);
    await post(eve, threadId, 'one');
    await bob!.client.post(`messages/threads/${threadId}/read`);
    const both = [await connect(ann!), await connect(bob!)];
    await post(eve, threadId, 'two');
    const unread = () => both.map((client) => client.syncs.at(-1)?.['threads'][0]?.unread_count as number);
    await expect.poll(unread, within).toEqual([2, 1]);
    await post(eve, threadId, 'three');
    await expect.poll(unread, within).toEqual([3, 2]);
  });

  it('reads beside only one other, so that requests find a connection to the database', async () => {
    const others = await Promise.all(Array.from({ length: 10 }, () => person(api, ann!.organization)));
    const threadId = await startGroup(ann!, others);
    const connections = await Promise.all(others.map((other) => connect(other)));
    const people = new Set(others.map(({ id }) => id));
    const database = api.app.get(SyncReader, { strict: false })['database'];
    const read = database.tenantRead.bind(database);
    let [reading, most] = [0, 0];
    vi.spyOn(database, 'tenantRead').mockImplementation((tenant, work) => {
      if (!people.has(tenant.userId ?? '')) return read(tenant, work);
      most = Math.max(most, ++reading);
      return read(tenant, work).finally(() => reading--);
    });
    // Until no other organization has read lately: beside another one, an organization reads one at a time.
    await delay(2100);
    await post(ann!, threadId, 'to all');
    const unread = () => connections.map((client) => client.syncs.at(-1)?.['counts'].messages as number);
    await expect.poll(unread, within).toEqual(others.map(() => 1));
    expect(most).toBe(2);
  });
});

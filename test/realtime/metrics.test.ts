import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Person, person, send, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';
import { connect as connectFeed } from './client.js';
import { StreamClient, type Streaming } from './stream-client.js';
import { SyncClient } from './sync-client.js';

const api = useApi();

let [ann, bob]: Person[] = [];
let open: { terminate: () => void }[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob] = await Promise.all([1, 2].map(() => person(api, organization)));
});

afterEach(() => {
  for (const client of open) client.terminate();
  open = [];
});

/** The values of metrics by name and labels, as Prometheus gets them. */
async function read(): Promise<(metric: string) => number> {
  // Scrapes share their result for a tenth of a second.
  await new Promise((resolve) => setTimeout(resolve, 120));
  const { text } = await api.anybody.get('/metrics');
  const values = new Map(text.split('\n').map((line) => line.split(/ (?=\S+$)/) as [string, string]));
  return (metric) => Number(values.get(metric) ?? 0);
}

async function socket(who: Person, cursor?: string): Promise<SyncClient> {
  const client = await SyncClient.open(api, who, { cursor });
  open.push(client.socket);
  return client;
}

async function stream(who: Person, given?: Streaming): Promise<StreamClient> {
  const client = await StreamClient.connect(api, who, given);
  open.push({ terminate: client.drop });
  return client;
}

const cursorOf = async ({ client }: Person) => (await client.get('realtime/changes')).body.cursor as string;

const connections = (transport: string) => `realtime_connections{transport="${transport}"}`;
const frames = (transport: string, type: string) =>
  `realtime_frames_sent_total{transport="${transport}",type="${type}"}`;
const resets = (scope: string) => `realtime_resets_total{scope="${scope}"}`;

const within = { timeout: 10_000, interval: 5 };

describe('the metrics of live updates', () => {
  it('count connections by transport, frames by type, and how long a change takes', async () => {
    const before = await read();
    const { socket: first } = await connectFeed(api, bob!);
    open.push(first);
    const [second, third] = [await socket(bob!), await stream(bob!)];
    const cursor = await cursorOf(bob!);
    const waiting = bob!.client.get(`realtime/changes?cursor=${cursor}&wait=25`);
    const transports = ['websocket_v1', 'websocket_v2', 'sse', 'long_poll'];
    await expect
      .poll(async () => transports.map(connections).map(await read()), within)
      .toEqual([1, 1, 1, 1]);

    await send(ann!, bob!, 'hello');
    await waiting;
    await expect.poll(() => [second.syncs.length > 0, third.syncs.length > 0], within).toEqual([true, true]);
    const after = await read();
    const grown = (metric: string) => after(metric) - before(metric);
    expect(grown(frames('websocket_v1', 'hello'))).toBe(1);
    expect(grown(frames('websocket_v2', 'sync'))).toBe(second.syncs.length);
    expect(grown(frames('sse', 'sync'))).toBe(third.syncs.length);
    expect(after(connections('long_poll'))).toBe(0);
    for (const transport of ['websocket_v2', 'sse', 'long_poll']) {
      expect(grown(`realtime_lag_seconds_count{transport="${transport}"}`), transport).toBeGreaterThan(0);
      const seconds = grown(`realtime_lag_seconds_sum{transport="${transport}"}`);
      expect(seconds, transport).toBeGreaterThan(0);
      expect(seconds, transport).toBeLessThan(10);
    }
    for (const one of open.splice(0)) one.terminate();
    await expect
      .poll(async () => transports.map(connections).map(await read()), within)
      .toEqual([0, 0, 0, 0]);
  });

  it('show from when on clients that reconnect continue, and count no lag for what they missed', async () => {
    const cursor = await cursorOf(bob!);
    const [epoch, at, snapshot] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [
      string,
      number,
      string,
    ];
    const older = Buffer.from(JSON.stringify([epoch, at - 3000, snapshot])).toString('base64url');
    await send(ann!, bob!, 'missed');
    const before = await read();
    const clients = [await socket(bob!, older), await stream(bob!, { lastEventId: older })];
    await expect.poll(() => clients.every(({ syncs }) => syncs.length > 0), within).toBe(true);
    await socket(bob!);
    const after = await read();
    const grown = (metric: string) => after(metric) - before(metric);
    for (const transport of ['websocket_v2', 'sse']) {
      expect(grown(`realtime_cursor_age_seconds_count{transport="${transport}"}`)).toBe(1);
      expect(grown(`realtime_cursor_age_seconds_bucket{le="3600",transport="${transport}"}`)).toBe(1);
      expect(grown(`realtime_cursor_age_seconds_bucket{le="600",transport="${transport}"}`)).toBe(0);
      expect(grown(`realtime_lag_seconds_count{transport="${transport}"}`)).toBe(0);
    }
  });

  it('count resets by scope', async () => {
    const group = await startGroup(ann!, [bob!]);
    const [client, cursor] = [await socket(bob!), await cursorOf(bob!)];
    await client.focus(group);
    const before = await read();
    await bob!.client.delete(`messages/threads/${group}/participants/${bob!.id}`);
    await expect.poll(() => client.all('reset_threads'), within).toContain(group);
    await bob!.client.post(`messages/users/${ann!.id}/block`);
    await expect.poll(() => client.syncs.at(-1)?.['reset'] as boolean, within).toBe(true);
    await bob!.client.get(`realtime/changes?cursor=${cursor}`);
    const after = await read();
    const grown = (scope: string) => after(resets(scope)) - before(resets(scope));
    expect([grown('thread'), grown('notifications')]).toEqual([client.all('reset_threads').length, 0]);
    expect(grown('all')).toBe(client.syncs.filter(({ reset }) => reset).length + 1);
  });
});

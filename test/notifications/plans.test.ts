import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type TestApi, startTestApi } from '../support/api.js';
import { ID_OF_FIRST, personId, seedLargeFeed } from '../support/large-feed.js';
import { type Recording, blocks, explainAll, nodesOf, recordLast } from '../support/plans.js';

const LARGE = 250_000;
const SMALL = 10_000;

type Size = 'large' | 'small';
interface Asker {
  client: Client;
  /** A seq in the middle of what is unread. */
  middle: number;
  oldestUnread: number;
  idOf: (seq: number) => Promise<string>;
  round: number;
}
type Request = (asker: Asker) => Promise<{ status: number; body?: any }>;

const cursor = (seq: number) => Buffer.from(String(seq)).toString('base64url');
const get =
  (query: string): Request =>
  ({ client }) =>
    client.get(`notifications?${query}`);

const ROUTES: Record<string, Request> = {
  feed: get(''),
  'feed, a later page': ({ client, middle }) => client.get(`notifications?cursor=${cursor(middle)}`),
  'feed, unread': get('status=unread'),
  'feed, read': get('status=read'),
  'feed, archived': get('status=archived'),
  'feed of a type': get('type=MESSAGE'),
  'feed of a seldom type': get('type=BILLING'),
  'feed of a seldom type, unread': get('type=BILLING&status=unread'),
  'feed of a seldom type, archived': get('type=BILLING&status=archived'),
  'feed of a type that there is not': get('type=RECALL'),
  'feed since long': get('since=2020-01-01T00:00:00Z'),
  'feed since now': ({ client }) => client.get(`notifications?since=${new Date().toISOString()}`),
  'feed, grouped': get('grouped=true'),
  'feed, grouped, a later page': ({ client, middle }) =>
    client.get(`notifications?grouped=true&cursor=${cursor(middle)}`),
  'feed, grouped, of a type': get('grouped=true&type=MESSAGE&status=unread'),
  'feed, grouped, since now': ({ client }) =>
    client.get(`notifications?grouped=true&since=${new Date().toISOString()}`),
  'unread count': ({ client }) => client.get('notifications/unread-count'),
  one: async ({ client, idOf, middle }) => client.get(`notifications/${await idOf(middle)}`),
  'mark one': async ({ client, idOf, middle, round }) =>
    client.patch(`notifications/${await idOf(middle - round)}`, { status: 'read' }),
  'read all before': async ({ client, idOf, oldestUnread, round }) =>
    client.post('notifications/read-all', { before: await idOf(oldestUnread + 5 * round) }),
};

let api: TestApi;
const recordings: Record<string, Record<Size, Recording>> = {};
const askers = {} as Record<Size, Asker>;

beforeAll(async () => {
  api = await startTestApi({ worker: 'off' });
  for (const [size, notifications] of [
    ['large', LARGE],
    ['small', SMALL],
  ] as const) {
    const organization = await api.build.organization();
    await seedLargeFeed(api.database, { organizationId: organization.id, notifications });
    const client = await api.as({ organization, id: personId(1) });
    const idOf = async (seq: number) => {
      const [row] = await api.database.query<{ id: string }>(ID_OF_FIRST, [organization.id, seq]);
      return row!.id;
    };
    const tenth = (notifications / 10) * 0.4;
    askers[size] = { client, middle: 3 * tenth, oldestUnread: 2 * tenth, idOf, round: 0 };
  }
  await api.database.query('VACUUM ANALYZE');
  await explainAll(api);
  const recordFor = (request: Request, size: Size) => {
    const asker = askers[size];
    return recordLast(() => request({ ...asker, round: ++asker.round }));
  };
  for (const [name, request] of Object.entries(ROUTES)) {
    recordings[name] = { large: await recordFor(request, 'large'), small: await recordFor(request, 'small') };
  }
}, 240_000);

afterAll(() => api?.stop());

/**
 * What may cost more: ten thousand of somebody who is blocked are passed by in an index that holds enough to do so,
 * and of each of two hundred groups the newest is looked up in a deeper one.
 */
const PASSED_BY = 450;
const GROUPS = 200;
const MORE: Record<string, number> = {
  // It counts those that are newer in an index, whose rows are looked at until they are vacuumed.
  'read all before': 300,
  feed: PASSED_BY,
  'feed, unread': PASSED_BY,
  'feed of a type': 1.5 * PASSED_BY,
  'feed since long': PASSED_BY,
  'feed since now': PASSED_BY,
  'feed, grouped': 3 * GROUPS,
  'feed, grouped, a later page': 3 * GROUPS,
  'feed, grouped, of a type': 3 * GROUPS,
  'feed, grouped, since now': 3 * GROUPS,
};

describe.each(Object.keys(ROUTES))('%s, with 250,000 notifications instead of 10,000,', (name) => {
  it('reads no table sequentially', () => {
    const nodes = Object.values(recordings[name]!).flatMap(({ executed }) =>
      executed.flatMap(({ plan }) => nodesOf(plan)),
    );
    expect(nodes.length).toBeGreaterThan(0);
    const scanned = nodes.filter((node) => node['Node Type'] === 'Seq Scan');
    expect(scanned.map((node) => node['Relation Name'])).toEqual([]);
  });

  it('reads hardly more blocks', () => {
    const { large, small } = recordings[name]!;
    expect(blocks(small)).toBeGreaterThan(0);
    expect(blocks(large)).toBeLessThanOrEqual(1.5 * blocks(small) + 60 + (MORE[name] ?? 0));
  });
});

describe('the unread count', () => {
  it('reads no notifications except expired ones', () => {
    const { executed } = recordings['unread count']!.large;
    const nodes = executed.flatMap(({ plan }) => nodesOf(plan));
    const indexes = nodes.filter((node) => node['Relation Name'] === 'notifications');
    expect(indexes.map((node) => node['Index Name'])).toEqual(['notifications_unread_expiring']);
    expect(indexes.map((node) => node['Node Type'])).toEqual(['Index Only Scan']);
    expect(blocks(recordings['unread count']!.large)).toBeLessThan(40);
  });

  it('is exact for twenty thousand until all are read', async () => {
    const { client } = askers.large;
    const [row] = await api.database.query<{ count: string }>(
      `SELECT count(*) FROM notifications
       WHERE organization_id = (SELECT organization_id FROM feeds ORDER BY last_seq DESC LIMIT 1)
         AND user_id = $1 AND actor_id IS DISTINCT FROM $2 AND read_at IS NULL AND archived_at IS NULL
         AND deleted_at IS NULL AND suppressed_at IS NULL`,
      [personId(1), personId(2)],
    );
    const count = Number(row!.count);
    expect(count).toBeGreaterThan(19_000);
    expect((await client.get('notifications/unread-count')).body.unread_count).toBe(count);
    const answer = await client.post('notifications/read-all');
    expect(answer).toMatchObject({ status: 200, body: { updated: count, unread_count: 0 } });
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Housekeeping } from '../../libs/background/housekeeping.js';
import { useApi } from '../support/api.js';
import { type Person, person } from '../support/people.js';

const api = useApi();

interface Row {
  id: string;
  seq: string;
  type: string;
  actor_id: string | null;
  aggregation_id: string | null;
  is_unread: boolean;
  is_read: boolean;
  is_archived: boolean;
  created_at: Date;
}

/** What the feed of this person should show, worked out from all rows by the words of the contract. */
async function truth(of: Person): Promise<Row[]> {
  const rows = await api.database.query<Row & { is_shown: boolean }>(
    `SELECT id, seq, type, actor_id, aggregation_id, date_trunc('milliseconds', created_at) AS created_at, read_at IS NULL AND archived_at IS NULL AS is_unread,
            read_at IS NOT NULL AND archived_at IS NULL AS is_read, archived_at IS NOT NULL AS is_archived,
            deleted_at IS NULL AND suppressed_at IS NULL AND coalesce(expires_at > now(), true) AND NOT EXISTS (
              SELECT FROM blocks WHERE blocks.organization_id = notifications.organization_id
                AND blocker_id = user_id AND blocked_id = actor_id) AS is_shown
     FROM notifications WHERE user_id = $1 ORDER BY seq DESC`,
    [of.id],
  );
  return rows.filter(({ is_shown }) => is_shown);
}

const countBy = (rows: Row[]): Record<string, number> => {
  const types = [...new Set(rows.map(({ type }) => type))].toSorted();
  return Object.fromEntries(types.map((type) => [type, rows.filter((row) => row.type === type).length]));
};

/** The newest unread one of each group with how many it stands for, and all that is in none. */
function fold(rows: Row[]): { id: string; count: number }[] {
  return rows.flatMap((row) => {
    if (!row.is_unread || row.aggregation_id === null) return { id: row.id, count: 1 };
    const group = rows.filter((one) => one.is_unread && one.aggregation_id === row.aggregation_id);
    return group[0] === row ? { id: row.id, count: group.length } : [];
  });
}

/** Page by page. */
async function pages({ client }: Person, query: string): Promise<{ id: string; count?: number }[]> {
  const all: { id: string; count?: number }[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await client.get(`notifications?limit=3&${query}${cursor && `&cursor=${cursor}`}`);
    all.push(...body.data);
    cursor = body.next_cursor;
  }
  return all;
}

async function expectTruth(of: Person): Promise<void> {
  const rows = await truth(of);
  const unread = rows.filter(({ is_unread }) => is_unread);
  expect((await of.client.get('notifications/unread-count')).body).toEqual({
    unread_count: unread.length,
    by_type: countBy(unread),
  });
  const ids = (some: { id: string }[]) => some.map(({ id }) => id);
  const present = rows.filter(({ is_archived }) => !is_archived);
  expect(ids(await pages(of, ''))).toEqual(ids(present));
  expect(ids(await pages(of, 'status=unread&type=BILLING'))).toEqual(
    ids(unread.filter(({ type }) => type === 'BILLING')),
  );
  expect(ids(await pages(of, 'status=read'))).toEqual(ids(rows.filter(({ is_read }) => is_read)));
  expect(ids(await pages(of, 'status=archived'))).toEqual(ids(rows.filter(({ is_archived }) => is_archived)));
  const folded = (await pages(of, 'grouped=true')).map(({ id, count }) => ({ id, count }));
  expect(folded).toEqual(fold(present));
  const [middle] = present.slice(present.length / 2);
  if (middle) {
    const since = middle.created_at;
    const newer = present.filter(({ created_at }) => created_at >= since);
    expect(ids(await pages(of, `since=${since.toISOString()}`))).toEqual(ids(newer));
  }
  const bills = (await pages(of, 'grouped=true&status=unread&type=BILLING')).map(({ id, count }) => ({
    id,
    count,
  }));
  expect(bills).toEqual(fold(unread.filter(({ type }) => type === 'BILLING')));
}

interface World {
  ann: Person;
  others: Person[];
  service: Person['client'];
  requests: string[];
}

type Act = (world: World, pick: number) => Promise<unknown>;

const untilHandled = () =>
  expect.poll(() => api.database.query('SELECT FROM outbox'), { timeout: 20_000, interval: 10 }).toEqual([]);

const any = async ({ ann }: World, pick: number): Promise<string | undefined> => {
  const rows = await truth(ann);
  return rows[pick % Math.max(rows.length, 1)]?.id;
};

const notify =
  (given: object): Act =>
  async (world) => {
    const { body } = await world.service.post('notifications', {
      to: { users: [world.ann.id] },
      type: 'BILLING',
      title: 'x',
      body: 'x',
      ...given,
    });
    world.requests.push(body.id as string);
  };

const other = ({ others }: World, pick: number): Person => others[pick % others.length]!;

const ACTS: Record<string, Act> = {
  message: (world, pick) =>
    other(world, pick).client.post('messages/send', { recipient: world.ann.id, content: 'hello' }),
  single: notify({}),
  system: notify({ type: 'SYSTEM' }),
  grouped: notify({ group_key: 'invoices' }),
  'grouped otherwise': notify({ group_key: 'reminders' }),
  'for a while': notify({ expires_at: '2099-01-01T00:00:00Z', group_key: 'invoices' }),
  block: (world, pick) => world.ann.client.post(`messages/users/${other(world, pick).id}/block`),
  unblock: (world, pick) => world.ann.client.delete(`messages/users/${other(world, pick).id}/block`),
  'read all': ({ ann }) => ann.client.post('notifications/read-all'),
  'read all of a type': ({ ann }) => ann.client.post('notifications/read-all', { type: 'BILLING' }),
  'read all before': async (world, pick) =>
    world.ann.client.post('notifications/read-all', { before: await any(world, pick) }),
  'read a thread': async ({ ann }, pick) => {
    const { data } = (await ann.client.get('messages/threads')).body;
    const thread = data[pick % Math.max(data.length, 1)];
    if (thread) await ann.client.post(`messages/threads/${thread.id}/read`);
  },
  retract: ({ service, requests }, pick) =>
    service.delete(`notifications/requests/${requests[pick % Math.max(requests.length, 1)]}`),
  expire: ({ ann }) =>
    api.database.query(
      'UPDATE notifications SET expires_at = now() WHERE user_id = $1 AND expires_at > now()',
      [ann.id],
    ),
  'grow old': async (world, pick) => {
    const { ann } = world;
    await api.database.query(
      `UPDATE notifications SET created_at = now() - interval '800 days'
       WHERE user_id = $1 AND seq <= (SELECT seq FROM notifications WHERE id = $2)`,
      [ann.id, await any(world, pick)],
    );
    await api.app.get(Housekeeping).clearNotifications();
  },
  silence: ({ ann }) => ann.client.patch('preferences', { types: { BILLING: { in_app: 'off' } } }),
  'end of silence': ({ ann }) => ann.client.patch('preferences', { types: { BILLING: { in_app: null } } }),
  delete: async (world, pick) => world.ann.client.delete(`notifications/${await any(world, pick)}`),
};
for (const status of ['read', 'unread', 'archived']) {
  ACTS[status] = async (world, pick) =>
    world.ann.client.patch(`notifications/${await any(world, pick)}`, { status });
}

const history = fc.array(fc.tuple(fc.constantFrom(...Object.keys(ACTS)), fc.nat(20)), {
  minLength: 10,
  maxLength: 40,
});

async function makeWorld(): Promise<World> {
  const organization = await api.build.organization();
  const [ann, ...others] = await Promise.all([1, 2, 3].map(() => person(api, organization)));
  const service = await api.build.service(organization, ['notifications:send']);
  return { ann: ann!, others, service, requests: [] };
}

describe('counts and pages', () => {
  it('match the sum of all notifications after any history', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (acts) => {
        const world = await makeWorld();
        for (const [index, [act, pick]] of acts.entries()) {
          await ACTS[act]!(world, pick);
          if (index % 7 === 6) {
            await untilHandled();
            await expectTruth(world.ann);
          }
        }
        await untilHandled();
        await expectTruth(world.ann);
      }),
      { numRuns: 15, endOnFailure: true, interruptAfterTimeLimit: 40_000 },
    );
  });

  it('match the sum of all notifications after concurrent changes', { timeout: 120_000 }, async () => {
    const world = await makeWorld();
    for (let round = 0; round < 5; round++) {
      const acts = fc.sample(history, { numRuns: 3, seed: round });
      await Promise.all(acts.flat().map(([act, pick]) => ACTS[act]!(world, pick)));
      await untilHandled();
      await expectTruth(world.ann);
    }
  });
});

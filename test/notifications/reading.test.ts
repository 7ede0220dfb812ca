import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person } from '../support/people.js';
import { whileEventsWait } from '../support/waiting-events.js';

const api = useApi();

let ann: Person;
let bob: Person;

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob] = [await person(api, organization), await person(api, organization)];
});

/** Made by SQL, since there are thousands. Every other one is a bill. Each has its number as its title. */
async function makeUnread(count: number): Promise<void> {
  await api.database.query(
    `INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, priority, actor_id, decisions)
     SELECT $1, $2, seq, gen_random_uuid(), gen_random_uuid(), CASE seq % 2 WHEN 0 THEN 'BILLING' ELSE 'SYSTEM' END,
            seq, '', 'normal', $3, '{}'
     FROM generate_series(1, $4::integer) AS seq`,
    [ann.organization.id, ann.id, bob.id, count],
  );
  await api.database.query('INSERT INTO feeds (organization_id, user_id, last_seq) VALUES ($1, $2, $3)', [
    ann.organization.id,
    ann.id,
    count,
  ]);
}

const change = (condition: string, to: string) =>
  api.database.query(`UPDATE notifications SET ${to} WHERE user_id = $1 AND ${condition}`, [ann.id]);

const idOf = async (seq: number): Promise<string> => {
  const [row] = await api.database.query<{ id: string }>(
    'SELECT id FROM notifications WHERE user_id = $1 AND seq = $2',
    [ann.id, seq],
  );
  return row!.id;
};

const unreadCount = async () => (await ann.client.get('notifications/unread-count')).body.unread_count;
const unread = async (query = '') =>
  (await ann.client.get(`notifications?status=unread${query}`)).body.data.map(
    ({ title }: { title: string }) => title,
  ) as string[];
const handled = () =>
  expect.poll(() => api.database.query('SELECT FROM outbox'), { interval: 10 }).toEqual([]);

describe('POST /notifications/read-all with thousands of unread notifications', () => {
  it('marks the newest 500 at once and the rest soon, and returns the counts after that', async () => {
    await makeUnread(2600);
    await change('seq <= 50', 'expires_at = now()');
    await change('seq > 100', 'actor_id = NULL');
    await ann.client.post(`messages/users/${bob.id}/block`);
    const service = await api.build.service(ann.organization, ['notifications:send']);

    await whileEventsWait(api, async () => {
      const { body } = await ann.client.post('notifications/read-all');
      expect(body).toEqual({ updated: 2500, unread_count: 0 });
      expect(await unreadCount()).toBe(2000);
      expect((await unread())[0]).toBe('2100');
      await ann.client.patch(`notifications/${await idOf(2200)}`, { status: 'unread' });
      await service.post('notifications', {
        to: { users: [ann.id] },
        type: 'SYSTEM',
        title: 'New',
        body: 'x',
      });
    });

    await handled();
    expect(await unread()).toEqual(['New', '2200']);
    expect(await unreadCount()).toBe(2);
    await ann.client.delete(`messages/users/${bob.id}/block`);
    expect(await unreadCount()).toBe(52);
  });

  it('marks at most 500 per transaction', async () => {
    await makeUnread(1200);
    await ann.client.post('notifications/read-all');
    await handled();
    const batches = await api.database.query(
      `SELECT count(*)::integer AS marked FROM notifications WHERE user_id = $1 AND read_at IS NOT NULL
       GROUP BY xmin::text ORDER BY min(seq) DESC`,
      [ann.id],
    );
    expect(batches).toEqual([{ marked: 500 }, { marked: 500 }, { marked: 200 }]);
  });

  it('marks only those of the type, up to the bound', async () => {
    await makeUnread(2600);
    const request = { type: 'BILLING', before: await idOf(2500) };
    const answer = await ann.client.post('notifications/read-all', request);
    expect(answer.body).toEqual({ updated: 1250, unread_count: 1350 });
    await handled();
    expect((await ann.client.get('notifications/unread-count')).body).toEqual({
      unread_count: 1350,
      by_type: { BILLING: 50, SYSTEM: 1300 },
    });
    expect((await unread('&type=BILLING&limit=100')).at(-1)).toBe('2502');
  });

  it('records no event if 500 are unread', async () => {
    await makeUnread(500);
    await whileEventsWait(api, async () => {
      const { body } = await ann.client.post('notifications/read-all');
      expect(body).toEqual({ updated: 500, unread_count: 0 });
      expect(await api.database.query(`SELECT type FROM outbox WHERE run_at = 'infinity'`)).toEqual([]);
    });
  });
});

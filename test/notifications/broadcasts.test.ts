import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi();

const CROWD = 10_000;

let organization: TestOrganization;
let service: Client;

beforeEach(async () => {
  organization = await api.build.organization();
  service = await api.build.service(organization, ['notifications:send']);
  const ids = await api.database.query<{ id: string }>(
    `WITH made AS (INSERT INTO users (id) SELECT gen_random_uuid() FROM generate_series(1, $2) RETURNING id)
     INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT $1, id, 'user-' || id, 'user-' || id, 'Somebody', 'user' FROM made RETURNING user_id AS id`,
    [organization.id, CROWD],
  );
  expect(ids).toHaveLength(CROWD);
  await api.database.query('ANALYZE');
});

const deadlocks = async () => {
  const [row] = await api.database.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(row!.deadlocks);
};

const notice = { type: 'SYSTEM', title: 'News', body: 'All of it.' };

/** Those whose turn comes first, in the middle and last. */
async function someOfThem(): Promise<Client[]> {
  const people = await api.database.query<{ id: string }>(
    'SELECT user_id AS id FROM members WHERE organization_id = $1 ORDER BY user_id',
    [organization.id],
  );
  const some = [0, 1, CROWD / 2, CROWD - 1].map((place) => people[place]!);
  return Promise.all(some.map(({ id }) => api.as({ organization, id })));
}

describe('eight concurrent broadcasts to the same ten thousand people', () => {
  it('notify each person of each broadcast once, without a deadlock', async () => {
    const before = await deadlocks();
    const readers = await someOfThem();
    const audiences = [{ everyone: true }, { role: 'user' }];
    const requests = await Promise.all(
      Array.from({ length: 8 }, (_none, number) =>
        service.post('notifications', { to: audiences[number % 2], ...notice, title: `News ${number}` }),
      ),
    );
    const ids = requests.map(({ body }) => body.id as string);
    const states = async () => {
      for (const reader of readers) expect((await reader.post('notifications/read-all')).status).toBe(200);
      return api.database.query(
        'SELECT DISTINCT status, recipients, notified FROM notification_requests WHERE id = ANY ($1)',
        [ids],
      );
    };
    await expect
      .poll(states, { timeout: 80_000, interval: 200 })
      .toEqual([{ status: 'sent', recipients: CROWD, notified: CROWD }]);
    const notified = await api.database.query(
      `SELECT source_id, count(*)::integer AS notified, count(DISTINCT user_id)::integer AS people
       FROM notifications WHERE source_id = ANY ($1) GROUP BY 1 ORDER BY 1`,
      [ids],
    );
    expect(notified).toEqual(
      ids.toSorted().map((source_id) => ({ source_id, notified: CROWD, people: CROWD })),
    );
    expect(await deadlocks()).toBe(before);
  }, 90_000);
});

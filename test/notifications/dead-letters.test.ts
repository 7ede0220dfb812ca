import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let admin: Client;

beforeEach(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
});

const add = (number: number, { type = 'message.sent', daysAgo = 0 } = {}) =>
  api.database.query(
    `INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at, failed_at)
     SELECT $1, gen_random_uuid(), $3, '{}', 12, now(), now() - make_interval(days => $4)
     FROM generate_series(1, $2::integer)`,
    [organization.id, number, type, daysAgo],
  );

const queued = async () =>
  (
    await api.database.query<{ type: string; attempts: number }>(
      `SELECT type, attempts FROM outbox WHERE organization_id = $1 AND payload = '{}' ORDER BY type`,
      [organization.id],
    )
  ).map(({ type, attempts }) => `${type} ${attempts}`);

const retry = async (body: object = {}) => {
  const answer = await admin.post('admin/dead-letters/retry', body);
  expect(answer.status).toBe(200);
  return answer.body as { retried: number; remaining: number };
};

describe('dead letters that are retried together', () => {
  it('return to the outbox without attempts, with one audit entry', async () => {
    await add(3);
    expect(await retry()).toEqual({ retried: 3, remaining: 0 });
    expect(await queued()).toEqual(Array.from({ length: 3 }, () => 'message.sent 0'));
    expect((await admin.get('admin/dead-letters')).body.data).toEqual([]);
    const { body } = await admin.get('admin/audit');
    const entries = (body.data as { action: string }[]).filter(({ action }) =>
      action.startsWith('dead_letter'),
    );
    expect(entries).toMatchObject([{ action: 'dead_letter.retry_many', details: { retried: 3 } }]);
    expect(await retry()).toEqual({ retried: 0, remaining: 0 });
  });

  it('can be limited to a type and to failures before a time', async () => {
    await add(2, { daysAgo: 3 });
    await add(1, { daysAgo: 1 });
    await add(1, { type: 'thread.read', daysAgo: 3 });
    const before = new Date(Date.now() - 2 * 86_400_000).toISOString();
    expect(await retry({ type: 'message.sent', before })).toEqual({ retried: 2, remaining: 0 });
    expect(await queued()).toEqual(['message.sent 0', 'message.sent 0']);
    expect(await retry({ type: 'thread.read' })).toEqual({ retried: 1, remaining: 0 });
    expect(await retry({ before })).toEqual({ retried: 0, remaining: 0 });
    expect((await admin.get('admin/dead-letters')).body.data).toHaveLength(1);
  });

  it('are at most the oldest thousand per request, and the response counts the rest', async () => {
    await add(1000, { daysAgo: 2 });
    await add(200, { type: 'thread.read', daysAgo: 1 });
    expect(await retry()).toEqual({ retried: 1000, remaining: 200 });
    expect(new Set(await queued())).toEqual(new Set(['message.sent 0']));
    expect(await retry()).toEqual({ retried: 200, remaining: 0 });
  });

  it('belong to the organization of a caller with deliveries:manage', async () => {
    await add(1);
    const { admin: stranger } = await api.build.organizationWithAdmin();
    expect((await stranger.post('admin/dead-letters/retry')).body).toEqual({ retried: 0, remaining: 0 });
    const person = await api.as(await api.build.member({ organization }));
    expect((await person.post('admin/dead-letters/retry')).status).toBe(403);
    expect((await admin.get('admin/dead-letters')).body.data).toHaveLength(1);
  });

  it('are listed in pages', async () => {
    await add(5);
    const first = await admin.get('admin/dead-letters?limit=3');
    const second = await admin.get(`admin/dead-letters?limit=3&cursor=${first.body.next_cursor}`);
    const ids = [...first.body.data, ...second.body.data].map(({ id }: { id: string }) => id);
    expect(ids).toHaveLength(5);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(second.body.next_cursor).toBeNull();
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import { type Person, person, send } from '../support/people.js';
import { explainAll, nodesOf, record } from '../support/plans.js';
import { addDeadLetters, useOldRows } from './old-rows.js';

const api = useApi({ retentionDays: 100 });

let [ann, bob]: Person[] = [];
let admin: Client;

beforeEach(async () => {
  const { organization, admin: client } = await api.build.organizationWithAdmin();
  admin = client;
  [ann, bob] = [await person(api, organization), await person(api, organization)];
});

const organizationId = () => ann!.organization.id;
const { clear, age, count } = useOldRows(api, organizationId);

const removed = async (table: string): Promise<number> => {
  const { text } = await api.anybody.get('/metrics');
  const line = new RegExp(`^housekeeping_removed_total\\{table="${table}"\\} (\\d+)$`, 'm').exec(text);
  return Number(line?.[1] ?? 0);
};

describe('housekeeping after RETENTION_DAYS', () => {
  it('deletes dead letters and counts them', async () => {
    await addDeadLetters(api, organizationId(), 2, 101);
    await addDeadLetters(api, organizationId(), 1, 99);
    const before = await removed('dead_letters');
    await clear();
    expect(await count('dead_letters')).toBe(1);
    await expect.poll(() => removed('dead_letters')).toBe(before + 2);
  });

  it('deletes when people were last connected, also as it was kept at a block', async () => {
    await api.database.query(
      `INSERT INTO presence SELECT $1, user_id, gen_random_uuid(), 'offline', now() - interval '99 days'
       FROM unnest($2::uuid[]) AS user_id`,
      [organizationId(), [ann!.id, bob!.id]],
    );
    await ann!.client.post(`messages/users/${bob!.id}/block`);
    await clear();
    expect([await count('presence'), await count('presence_at_block')]).toEqual([2, 2]);
    await age('presence', 'last_seen_at', 101, `user_id = '${ann!.id}'`);
    await age('presence_at_block', 'last_seen_at', 101, `user_id = '${ann!.id}'`);
    await clear();
    expect([await count('presence'), await count('presence_at_block')]).toEqual([1, 1]);
  });

  it('deletes finished notification requests and keeps unfinished ones', async () => {
    const service = await api.build.service(ann!.organization, ['notifications:send']);
    const notify = async (deliver_at?: string) =>
      (
        await service.post('notifications', {
          to: { users: [ann!.id] },
          type: 'SYSTEM',
          title: 'x',
          body: 'x',
          deliver_at,
        })
      ).body.id as string;
    const [old, young] = [await notify(), await notify()];
    const scheduled = await notify('2099-01-01T00:00:00Z');
    await age('notification_requests', 'finished_at', 101, `id = '${old}'`);
    await age('notification_requests', 'created_at', 200);
    await clear();
    const answers = await Promise.all(
      [old, young, scheduled].map((id) => service.get(`notifications/requests/${id}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 200, 200]);
  });

  it('deletes earlier versions of messages by the date of the edit, not the date of writing', async () => {
    const { message_id } = await send(ann!, bob!, 'first');
    await ann!.client.patch(`messages/${message_id}`, { content: 'second' });
    await age('message_versions', 'written_at', 1000);
    await clear();
    expect(await count('message_versions')).toBe(1);
    await ann!.client.patch(`messages/${message_id}`, { content: 'third' });
    await age('message_versions', 'replaced_at', 101, 'version = 1');
    await clear();
    const { body } = await ann!.client.get(`messages/${message_id}/versions`);
    expect(JSON.stringify(body)).toContain('second');
    expect(JSON.stringify(body)).not.toContain('first');
  });

  it('deletes revoked API keys and keeps live ones', async () => {
    const [gone, revoked, live] = await Promise.all(
      [1, 2, 3].map(() => api.build.key(ann!.organization, ['notifications:send'])),
    );
    for (const { id } of [gone!, revoked!])
      expect((await admin.delete(`admin/api-keys/${id}`)).status).toBe(204);
    await age('api_keys', 'created_at', 500);
    await age('api_keys', 'revoked_at', 101, `id = '${gone!.id}'`);
    await clear();
    const rows = await api.database.query<{ id: string }>(
      'SELECT id FROM api_keys WHERE organization_id = $1',
      [organizationId()],
    );
    expect(rows.map(({ id }) => id).toSorted()).toEqual([revoked!.id, live!.id].toSorted());
  });

  it('finds old rows by index, without a sequential scan', async () => {
    const { message_id, thread_id } = await send(ann!, bob!, 'one');
    await api.database.query(
      `INSERT INTO read_marks SELECT $1, $2, $3, number, now() - make_interval(days => (number % 150)::integer)
       FROM generate_series(1, 20000) AS number`,
      [organizationId(), thread_id, bob!.id],
    );
    await api.database.query(
      `INSERT INTO message_versions SELECT $1, $2, number, 'x', now(), now() - make_interval(days => number % 150)
       FROM generate_series(1, 20000) AS number`,
      [organizationId(), message_id],
    );
    await addDeadLetters(api, organizationId(), 20_000, 1);
    await api.database.query('VACUUM ANALYZE');
    await explainAll(api);
    const { executed } = await record(clear);
    const nodes = executed.flatMap(({ plan }) => nodesOf(plan));
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    for (const index of [
      'read_marks_read_at',
      'message_versions_replaced_at',
      'dead_letters_failed_at',
      'notification_requests_finished_at',
      'api_keys_revoked_at',
      'act_as_reads_noted_at',
    ])
      expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(await count('read_marks')).toBeLessThan(14_000);
  });
});

describe('the record of reads on behalf of people', () => {
  it('is deleted after two hours, even if no service reads any more', async () => {
    const service = await api.build.service(ann!.organization, ['act_as']);
    const reading = service.with({ 'X-On-Behalf-Of': ann!.id });
    for (const path of ['me', 'messages/inbox']) expect((await reading.get(path)).status).toBe(200);
    await age('act_as_reads', 'noted_at', 1, `route = '/api/v1/me'`);
    const before = await removed('act_as_reads');
    await clear();
    const rows = await api.database.query<{ route: string }>(
      'SELECT route FROM act_as_reads WHERE organization_id = $1',
      [organizationId()],
    );
    expect(rows).toEqual([{ route: '/api/v1/messages/inbox' }]);
    await expect.poll(() => removed('act_as_reads')).toBe(before + 1);
  });
});

it('requests cannot delete rows that only housekeeping may delete', async () => {
  const { message_id } = await send(ann!, bob!, 'one');
  await ann!.client.patch(`messages/${message_id}`, { content: 'two' });
  await bob!.client.patch(`messages/${message_id}/read`);
  await api.build.key(ann!.organization, ['notifications:send']);
  for (const table of ['read_marks', 'message_versions', 'api_keys', 'notification_requests']) {
    for (const userId of [ann!.id, bob!.id, undefined]) {
      const rows = await api.database.asRequestRole({ organizationId: organizationId(), userId }, (query) =>
        query(`DELETE FROM ${table} RETURNING true`),
      );
      expect(rows).toEqual([]);
    }
  }
});

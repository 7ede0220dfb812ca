import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import { PLATFORM_ORGANIZATION } from '#identity';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { deleteUser, deleted } from '../support/deletion.js';
import { type Person, person, post, send, sight, startGroup } from '../support/people.js';
import { type SecondApi, startSecondApi } from '../support/second-api.js';

const api = useApi();

let organization: TestOrganization;
let [ann, bob, cas]: Person[] = [];

let other: SecondApi;

beforeAll(async () => {
  other = await startSecondApi(api.database);
});

afterAll(() => other.stop());

beforeEach(async () => {
  organization = await api.build.organization();
  [ann, bob, cas] = await Promise.all([1, 2, 3].map(() => person(api, organization)));
});

const putAgain = ({ id, username, display_name, role }: Person) =>
  api.platform(organization).put(`members/${id}`, { username, display_name, role });

/** Every row of every table that names somebody in one of its columns, but the records that are kept on purpose. */
async function rowsWith(id: string): Promise<string[]> {
  const columns = await api.database.query<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'tidings' AND data_type = 'uuid'
       AND table_name NOT IN ('audit_entries', 'user_deletions')`,
  );
  const found = [];
  for (const { table_name, column_name } of columns) {
    const rows = await api.database.query(`SELECT FROM ${table_name} WHERE ${column_name} = $1`, [id]);
    if (rows.length > 0) found.push(`${table_name}.${column_name}`);
  }
  const keys = await api.database.query(`SELECT FROM idempotency_keys WHERE principal LIKE '%' || $1`, [id]);
  return keys.length > 0 ? [...found, 'idempotency_keys.principal'] : found;
}

describe('DELETE /users/{id}', () => {
  it('takes the person out of every organization, and leaves others there', async () => {
    const elsewhere = await api.build.organization();
    await api.build.member({ organization: elsewhere, id: ann!.id });
    expect((await ann!.client.get('me')).status).toBe(200);

    expect(await api.platform().delete(`users/${ann!.id}`)).toMatchObject({
      status: 202,
      body: { id: ann!.id, status: 'deleting', finished_at: null, organizations_left: 2 },
    });
    await deleted(api, ann!.id);

    expect((await api.platform().get(`users/${ann!.id}/deletion`)).body).toMatchObject({
      id: ann!.id,
      status: 'deleted',
      organizations_left: 0,
      finished_at: expect.any(String) as string,
    });
    expect(await rowsWith(ann!.id)).toEqual([]);
    expect((await ann!.client.get('me')).status).toBe(403);
    for (const place of [organization, elsewhere])
      expect((await api.platform(place).get(`members/${ann!.id}`)).status).toBe(404);
    expect((await bob!.client.get('me')).status).toBe(200);
  });

  it('answers the same when it is repeated, and 404 for somebody who was never there', async () => {
    await deleteUser(api, ann!.id);
    expect(await api.platform().delete(`users/${ann!.id}`)).toMatchObject({
      status: 202,
      body: { id: ann!.id, status: 'deleted' },
    });
    const nobody = uuid();
    expect((await api.platform().delete(`users/${nobody}`)).status).toBe(404);
    expect((await api.platform().get(`users/${nobody}/deletion`)).status).toBe(404);
    expect((await api.platform().get(`users/${bob!.id}/deletion`)).status).toBe(404);
  });

  it('ends the access of the person in every process as soon as it is answered, worker or not', async () => {
    const headers = (ann!.client as unknown as { headers: Record<string, string> }).headers;
    await stopWorker(async () => {
      await api.platform().delete(`users/${ann!.id}`);
      expect((await other.http.send({ method: 'GET', path: '/api/v1/me', headers })).status).toBe(403);
      expect((await ann!.client.get('me')).status).toBe(403);
      expect(await putAgain(ann!)).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect((await api.platform().get(`users/${ann!.id}/deletion`)).body.status).toBe('deleting');
      expect((await api.platform().delete(`users/${ann!.id}`)).body.status).toBe('deleting');
    });
    await deleted(api, ann!.id);
    expect((await putAgain(ann!)).status).toBe(201);
  });

  it('is audited when it is asked for, in each organization, and when it is done', async () => {
    await deleteUser(api, ann!.id);
    const actions = async (place: { id: string }) => {
      const { body } = await api.platform(place).get('admin/audit?limit=100');
      return (body.data as Record<string, unknown>[])
        .filter(({ target_id }) => target_id === ann!.id)
        .map(({ action, actor_kind }) => `${String(action)} by ${String(actor_kind)}`);
    };
    expect(await actions({ id: PLATFORM_ORGANIZATION })).toEqual([
      'user.erased by platform',
      'user.delete by platform',
    ]);
    expect(await actions(organization)).toContain('member.remove by platform');
  });

  it('erases the answers that were kept for the retries of the person, by themselves and through services', async () => {
    const service = api.withKey((await api.build.key(organization, ['act_as'])).secret);
    for (const client of [ann!.client, service.with({ 'X-On-Behalf-Of': ann!.id })]) {
      const retried = client.with({ 'Idempotency-Key': 'once' });
      const sent = await retried.post('messages/send', { recipient: bob!.id, content: 'kept for retries' });
      expect(sent.status).toBe(201);
    }
    const others = bob!.client.with({ 'Idempotency-Key': 'once' });
    await others.post('messages/send', { recipient: cas!.id, content: 'of somebody else' });
    const kept = () =>
      api.database.query<{ principal: string }>(
        'SELECT principal FROM idempotency_keys WHERE organization_id = $1',
        [organization.id],
      );
    expect(await kept()).toHaveLength(3);
    await deleteUser(api, ann!.id);
    expect(await kept()).toEqual([{ principal: `person:${bob!.id}` }]);
  });
});

describe('a person who is deleted and created again with the same id', () => {
  it('starts anew: they can write, and read nothing of what was before, in raw SQL neither', async () => {
    const { thread_id: old } = await send(ann!, bob!, 'before ann was deleted');
    await send(bob!, ann!, 'answer from before');
    const group = await startGroup(bob!, [ann!, cas!]);
    await post(ann!, group, 'in the group, before');
    await deleteUser(api, ann!.id);
    expect((await putAgain(ann!)).status).toBe(201);

    expect((await ann!.client.get(`messages/conversation/${bob!.id}`)).body.messages).toEqual([]);
    for (const id of [old, group]) expect((await ann!.client.get(`messages/threads/${id}`)).status).toBe(404);
    expect((await ann!.client.get('messages/threads')).body.data).toEqual([]);
    expect((await ann!.client.get('notifications')).body.data).toEqual([]);
    const tenant = { organizationId: organization.id, userId: ann!.id };
    for (const table of [
      'threads',
      'participants',
      'messages',
      'hidden_messages',
      'read_marks',
      'notifications',
    ])
      expect(
        await api.database.asRequestRole(tenant, (query) => query(`SELECT FROM ${table}`)),
        table,
      ).toEqual([]);

    const sent = await ann!.client.post('messages/send', { recipient: bob!.id, content: 'anew' });
    expect(sent.status).toBe(201);
    expect(sent.body.thread_id).not.toBe(old);
    const seen = await ann!.client.get(`messages/conversation/${bob!.id}`);
    expect((seen.body.messages as { content: string }[]).map(({ content }) => content)).toEqual(['anew']);
    expect((await send(bob!, ann!, 'welcome')).thread_id).toBe(sent.body.thread_id);
  });

  it('finds the other one with the old conversation, where nobody can write any more', async () => {
    const { thread_id: old } = await send(ann!, bob!, 'before');
    await deleteUser(api, ann!.id);
    await putAgain(ann!);
    const { body } = await bob!.client.get(`messages/threads/${old}`);
    expect(body.messages).toMatchObject([{ content: 'before', sender_id: null, sender: null }]);
    expect(body.participants.map((one: { user_id: string }) => one.user_id)).toEqual([bob!.id]);
    expect(await bob!.client.post(`messages/threads/${old}/messages`, { content: 'still?' })).toMatchObject({
      status: 403,
      body: { code: 'recipient_unavailable' },
    });
    expect((await bob!.client.get('messages/inbox')).body).toMatchObject({
      conversations: [{ thread_id: old, with_user: null, last_message: 'before' }],
      total_conversations: 1,
    });
  });
});

describe('a person who had been blocked and is deleted', () => {
  it('stays hidden from those who had blocked them: in threads, lists, counts and notifications', async () => {
    await send(bob!, cas!, 'of no concern');
    const { thread_id: direct } = await send(ann!, bob!, 'abuse');
    const withCas = await send(ann!, cas!, 'to somebody else');
    const group = await startGroup(cas!, [ann!, bob!]);
    await post(ann!, group, 'abuse in the group');
    await post(cas!, group, 'of no concern in the group');
    await bob!.client.post(`messages/users/${ann!.id}/block`);
    await post(ann!, group, 'more abuse in the group');
    const notifications = async () => {
      const { body } = await bob!.client.get('notifications?limit=100');
      return (body.data as Record<string, any>[]).map(({ title, actor_id }) => [title, actor_id]);
    };
    await vi.waitUntil(async () => (await api.database.query('SELECT FROM outbox')).length === 0, {
      timeout: 20_000,
      interval: 20,
    });
    const before = {
      sight: await sight(bob!, [group]),
      notifications: await notifications(),
      unread: (await bob!.client.get('notifications/unread-count')).body,
    };
    expect(before.sight.histories).toEqual([['of no concern in the group']]);

    await deleteUser(api, ann!.id);
    await putAgain(ann!);

    expect({
      sight: await sight(bob!, [group]),
      notifications: await notifications(),
      unread: (await bob!.client.get('notifications/unread-count')).body,
    }).toEqual(before);
    expect((await bob!.client.get('messages/users/blocked')).body.data).toEqual([]);
    const { body: list } = await bob!.client.get('messages/threads?limit=100');
    expect((list.data as { id: string }[]).map(({ id }) => id)).not.toContain(direct);
    expect((await bob!.client.get(`messages/threads/${direct}`)).body.messages ?? []).toEqual([]);
    // Those who had not blocked the person keep what was sent, from nobody.
    const kept = await sight(cas!, [withCas.thread_id, group]);
    expect(kept.histories).toEqual([
      ['to somebody else'],
      ['abuse in the group', 'of no concern in the group', 'more abuse in the group'],
    ]);
  });

  it('leaves nothing unread that is not counted, and nothing counted that is not unread', async () => {
    const { thread_id: direct } = await send(ann!, bob!, 'one');
    const group = await startGroup(cas!, [ann!, bob!]);
    await post(ann!, group, 'two');
    await post(cas!, group, 'three');
    await bob!.client.post(`messages/users/${ann!.id}/block`);
    await deleteUser(api, ann!.id);
    expect((await bob!.client.get('messages/unread-count')).body).toEqual({
      unread_count: 1,
      unread_threads: 1,
    });
    for (const id of [direct, group]) await bob!.client.post(`messages/threads/${id}/read`);
    expect((await bob!.client.get('messages/unread-count')).body).toEqual({
      unread_count: 0,
      unread_threads: 0,
    });
  });
});

/** Holds what the relay claims, as if there were no worker. */
async function stopWorker(work: () => Promise<void>): Promise<void> {
  await api.database.query(
    `CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN NEW.run_at := now() + interval '1 hour'; RETURN NEW; END $$;
     CREATE TRIGGER hold_back BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION hold_back()`,
  );
  try {
    await work();
  } finally {
    await api.database.query('DROP FUNCTION hold_back CASCADE; UPDATE outbox SET run_at = now()');
  }
}

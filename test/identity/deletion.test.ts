import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { PLATFORM_ORGANIZATION } from '#identity';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { deleteUser, deleted, recreate } from '../support/deletion.js';
import { type Person, makeGroups, ownedByTransaction, person } from '../support/people.js';
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

/**
 * Every row of every table that names somebody in one of its columns, but the records that are kept on purpose, and the
 * log of changes, which keeps ids for three weeks.
 */
async function rowsWith(id: string): Promise<string[]> {
  const columns = await api.database.query<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'tidings' AND data_type = 'uuid'
       AND table_name NOT IN ('audit_entries', 'user_deletions') AND table_name NOT LIKE 'changes%'`,
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
  it('leaves thousands of groups in transactions of at most 1,000', async () => {
    await makeGroups(api, ann!, bob!, 2500);

    await deleteUser(api, ann!.id);

    expect(await ownedByTransaction(api, bob!)).toEqual([500, 1000, 1000]);
  });

  it('erases the person in every organization, and nobody else', async () => {
    const elsewhere = await api.build.organization();
    await api.build.member({ organization: elsewhere, id: ann!.id });
    expect((await ann!.client.get('me')).status).toBe(200);
    await api.database.query(
      `INSERT INTO presence SELECT $1, user_id, gen_random_uuid(), 'offline', now()
       FROM unnest($2::uuid[]) AS user_id`,
      [organization.id, [ann!.id, bob!.id]],
    );
    await ann!.client.post(`messages/users/${bob!.id}/block`);
    await bob!.client.post(`messages/users/${ann!.id}/block`);
    expect(await rowsWith(ann!.id)).toEqual(expect.arrayContaining(['presence_at_block.viewer_id']));

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

  it('can be repeated, and answers 404 for an unknown person', async () => {
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

  it('ends the access of the person in every process before the response, even without a worker', async () => {
    const headers = (ann!.client as unknown as { headers: Record<string, string> }).headers;
    await stopWorker(async () => {
      await api.platform().delete(`users/${ann!.id}`);
      expect((await other.http.send({ method: 'GET', path: '/api/v1/me', headers })).status).toBe(403);
      expect((await ann!.client.get('me')).status).toBe(403);
      expect(await recreate(api, ann!)).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect((await api.platform().get(`users/${ann!.id}/deletion`)).body.status).toBe('deleting');
      expect((await api.platform().delete(`users/${ann!.id}`)).body.status).toBe('deleting');
    });
    await deleted(api, ann!.id);
    expect((await recreate(api, ann!)).status).toBe(201);
  });

  it('is audited at the request, in each organization, and at the end', async () => {
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

  it('erases stored responses of Idempotency-Keys of the person and of services on their behalf', async () => {
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

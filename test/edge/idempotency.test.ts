import { beforeAll, describe, expect, it } from 'vitest';
import { Housekeeping } from '../../libs/background/housekeeping.js';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi();

let organization: TestOrganization;
let admin: Client;

beforeAll(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
});

let count = 0;
const newKey = () => ({ 'Idempotency-Key': `key ${++count}` });
const body = (name = `service ${++count}`) => ({
  name,
  scopes: ['audit:read'],
  expires_at: '2099-01-01T00:00:00.000Z',
});
const keysNamed = async (name: string) =>
  (await api.database.query('SELECT FROM api_keys WHERE name = $1', [name])).length;

describe('a POST with Idempotency-Key', () => {
  it('is executed once, and a repeat gets the same marked response without its secret', async () => {
    const input = body();
    const client = admin.with(newKey());
    const [first, second] = [
      await client.post('admin/api-keys', input),
      await client.post('admin/api-keys', input),
    ];
    expect(first).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^td_/) } });
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(second.status).toBe(201);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.body).toEqual({ ...first.body, secret: null });
    expect(await keysNamed(input.name)).toBe(1);
  });

  it('is executed once by a hundred parallel requests', async () => {
    const input = body();
    const client = admin.with(newKey());
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => client.post('admin/api-keys', input)),
    );
    expect(await keysNamed(input.name)).toBe(1);
    const made = answers.filter(({ status }) => status === 201);
    expect(answers.filter(({ status }) => ![201, 409].includes(status))).toEqual([]);
    expect(new Set(made.map((answer) => answer.body.id)).size).toBe(1);
    expect(made.filter((answer) => answer.body.secret)).toHaveLength(1);
  });

  it('is executed once even if PostgreSQL fails its first COMMIT', async () => {
    await api.database.query(`
      CREATE SEQUENCE commits; GRANT USAGE ON commits TO tidings_request;
      CREATE FUNCTION fail_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tidings.commits') = 1 THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF; RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER fail_first AFTER INSERT ON api_keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_first()`);
    try {
      const input = body();
      const client = admin.with(newKey());
      const [first, second] = [
        await client.post('admin/api-keys', input),
        await client.post('admin/api-keys', input),
      ];
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body.id).toBe(first.body.id);
      expect(await keysNamed(input.name)).toBe(1);
    } finally {
      await api.database.query('DROP TRIGGER fail_first ON api_keys');
    }
  });

  it('gets 422 with another body', async () => {
    const client = admin.with(newKey());
    expect((await client.post('admin/api-keys', body())).status).toBe(201);
    expect(await client.post('admin/api-keys', body())).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    });
  });

  it('is independent of the same key of other people and organizations', async () => {
    const key = newKey();
    const colleague = await api.as(await api.build.member({ organization, role: 'admin' }));
    const stranger = await api.as(await api.build.member({ role: 'admin' }));
    for (const client of [admin, colleague, stranger]) {
      const answer = await client.with(key).post('admin/api-keys', body());
      expect(answer.status).toBe(201);
      expect(answer.headers['idempotency-replayed']).toBeUndefined();
    }
  });

  it('is not stored if it failed, and the next one with the key is executed', async () => {
    const client = admin.with(newKey());
    const input = body();
    expect((await client.post('admin/api-keys', { ...input, scopes: ['nothing'] })).status).toBe(400);
    expect((await client.post('admin/api-keys', input)).status).toBe(201);

    const other = admin.with(newKey());
    const taken = body();
    const others = await Promise.all([1, 2].map(() => admin.post('admin/api-keys', taken)));
    expect((await other.post('admin/api-keys', taken)).status).toBe(409);
    await admin.delete(`admin/api-keys/${others[0]!.body.id}`);
    expect((await other.post('admin/api-keys', taken)).status).toBe(201);
  });

  it('is refused with an empty or too long key', async () => {
    for (const key of ['', 'x'.repeat(256)]) {
      const answer = await admin.with({ 'Idempotency-Key': key }).post('admin/api-keys', body());
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } });
    }
    expect(
      (await admin.with({ 'Idempotency-Key': 'y'.repeat(255) }).post('admin/api-keys', body())).status,
    ).toBe(201);
  });

  it('is remembered for a day, then deleted', async () => {
    const input = body();
    const key = newKey();
    const first = await admin.with(key).post('admin/api-keys', input);
    await api.database.query(
      `UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second' WHERE key = $1`,
      [key['Idempotency-Key']],
    );
    const second = await admin.with(key).post('admin/api-keys', input);
    expect(second).toMatchObject({ status: 201 });
    expect(second.body.id).not.toBe(first.body.id);

    await api.database.query(
      `UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = $1`,
      [key['Idempotency-Key']],
    );
    const fresh = newKey();
    await admin.with(fresh).post('admin/api-keys', body());
    await api.app.get(Housekeeping).clearIdempotencyKeys();
    expect(
      await api.database.query('SELECT FROM idempotency_keys WHERE key = $1', [key['Idempotency-Key']]),
    ).toEqual([]);
    const kept = await api.database.query('SELECT FROM idempotency_keys WHERE key = $1', [
      fresh['Idempotency-Key'],
    ]);
    expect(kept).toHaveLength(1);
  });
});

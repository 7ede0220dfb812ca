import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '#database';
import { PLATFORM_ORGANIZATION } from '#identity';
import { makeKey } from '../../libs/identity/api-key-format.js';
import { useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

// Transactions are counted below: the relay must not have any of its own.
const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let admin: TestMember;

beforeAll(async () => {
  organization = await api.build.organization();
  admin = await api.build.member({ organization, role: 'admin' });
});

describe('an API key', () => {
  it('allows what its scopes grant, and is shown as a service', async () => {
    const service = await api.build.service(organization, ['members:manage']);
    expect((await service.get('members')).status).toBe(200);
    expect(await service.get('me')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await service.get('admin/audit')).status).toBe(403);
  });

  it('is shown once, and its secret is neither in the database nor in the log', async () => {
    const { id, secret } = await api.build.key(organization, ['audit:read']);
    expect((await api.withKey(secret).get('admin/audit')).status).toBe(200);
    const listed = await api.platform(organization).get('admin/api-keys?limit=100');
    expect(listed.body.data.find((key: { id: string }) => key.id === id)).not.toHaveProperty('secret');
    const random = secret.slice(50);
    const [{ dump } = { dump: '' }] = await api.database.query<{ dump: string }>(
      `SELECT string_agg(key::text, ' ') || (SELECT string_agg(entry::text, ' ') FROM audit_entries AS entry) AS dump FROM api_keys AS key`,
    );
    expect(dump).toContain(id);
    expect(dump).not.toContain(random);
    expect(api.logged.join('\n')).not.toContain(random);
  });

  it('is refused without a query if one character is wrong', async () => {
    const { secret } = await api.build.key(organization, []);
    const transactions = vi.spyOn(api.app.get(Database), 'tenantTransaction');
    for (const wrong of [
      `${secret}A`,
      secret.slice(0, -1),
      `td_${'A'.repeat(91)}`,
      secret.replace('td_', 'tx_'),
      `${secret.slice(0, 60)}${secret[60] === 'A' ? 'B' : 'A'}${secret.slice(61)}`,
    ]) {
      expect((await api.withKey(wrong).get('members')).status, wrong).toBe(401);
    }
    expect(transactions).not.toHaveBeenCalled();
    transactions.mockRestore();
  });

  it('is refused without being counted if there is no rate limit', async () => {
    for (let time = 0; time < 20; time++) {
      const { status, headers } = await api.withKey('td_wrong').get('me');
      expect(status).toBe(401);
      expect(headers).not.toHaveProperty('ratelimit');
    }
  });

  it('is refused as soon as it is revoked', async () => {
    const { id, secret } = await api.build.key(organization, ['audit:read']);
    expect((await api.withKey(secret).get('admin/audit')).status).toBe(200);
    expect((await (await api.as(admin)).delete(`admin/api-keys/${id}`)).status).toBe(204);
    expect((await api.withKey(secret).get('admin/audit')).status).toBe(401);
    expect((await (await api.as(admin)).delete(`admin/api-keys/${id}`)).status).toBe(404);
  });

  it('is refused within five seconds after another process revoked it', async () => {
    const { id, secret } = await api.build.key(organization, ['audit:read']);
    expect((await api.withKey(secret).get('admin/audit')).status).toBe(200);
    await api.database.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
    await expect
      .poll(async () => (await api.withKey(secret).get('admin/audit')).status, { timeout: 5500 })
      .toBe(401);
  });

  it('is refused once it has expired', async () => {
    const expires_at = new Date(Date.now() + 1000).toISOString();
    const { secret } = await api.build.key(organization, ['audit:read'], { expires_at });
    expect((await api.withKey(secret).get('admin/audit')).status).toBe(200);
    await expect
      .poll(async () => (await api.withKey(secret).get('admin/audit')).status, { timeout: 3000 })
      .toBe(401);
  });

  it('can be rotated with two live keys of one name, never three, even concurrently', async () => {
    const create = () => api.platform(organization).post('admin/api-keys', { name: 'rotated', scopes: [] });
    const answers = await Promise.all(Array.from({ length: 10 }, create));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(8);
    const live = answers.find(({ status }) => status === 201)!.body.id as string;
    await api.platform(organization).delete(`admin/api-keys/${live}`);
    expect((await create()).status).toBe(201);
  });

  it('with a forged secret is refused, and does not update last use', async () => {
    const { id } = await api.build.key(organization, ['audit:read']);
    const { text } = makeKey(organization.id, id);
    expect((await api.withKey(text).get('admin/audit')).status).toBe(401);
    const [key] = await api.database.query('SELECT last_used_at FROM api_keys WHERE id = $1', [id]);
    expect(key).toEqual({ last_used_at: null });
  });

  it('of the platform is valid only with every scope', async () => {
    const platform = { id: PLATFORM_ORGANIZATION, name: 'Platform' };
    const all = await api.build.service(platform, ['*']);
    const limited = await api.build.service(platform, ['keys:manage']);
    expect((await all.get(`organizations/${organization.id}`)).status).toBe(200);
    expect((await limited.get(`organizations/${organization.id}`)).status).toBe(401);
  });

  it('frees its name when it expires', async () => {
    const expires_at = new Date(Date.now() + 500).toISOString();
    const create = (more: object) =>
      api.platform(organization).post('admin/api-keys', { name: 'short', scopes: [], ...more });
    expect([(await create({ expires_at })).status, (await create({})).status]).toEqual([201, 201]);
    await expect.poll(async () => (await create({})).status, { timeout: 3000 }).toBe(201);
  });

  it('records its last use', async () => {
    const { id, secret } = await api.build.key(organization, ['keys:manage']);
    const { body } = await api.withKey(secret).get('admin/api-keys?limit=100');
    expect(body.data.find((key: { id: string }) => key.id === id).last_used_at).toEqual(expect.any(String));
  });

  it('can only have scopes that its creator has', async () => {
    const keyMaker = await api.build.service(organization, ['keys:manage']);
    const refused = await keyMaker.post('admin/api-keys', { name: 'mine', scopes: ['messages:monitor'] });
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(refused.body.detail).toContain('messages:monitor');
    expect((await keyMaker.post('admin/api-keys', { name: 'mine', scopes: ['keys:manage'] })).status).toBe(
      201,
    );
  });
});

describe('X-On-Behalf-Of', () => {
  it('makes a service with act_as act as the named person, by id or username', async () => {
    const service = await api.build.service(organization, ['act_as']);
    for (const person of [admin.id, admin.username, admin.username.toUpperCase()]) {
      const me = await service.with({ 'X-On-Behalf-Of': person }).get('me');
      expect(me).toMatchObject({ status: 200, body: { id: admin.id } });
    }
  });

  it('grants no permission that the key lacks', async () => {
    const service = (await api.build.service(organization, ['act_as'])).with({ 'X-On-Behalf-Of': admin.id });
    expect((await service.get('admin/audit')).status).toBe(403);
  });

  it('grants no permission that the person lacks', async () => {
    const { id } = await api.build.member({ organization });
    const service = (await api.build.service(organization, ['*'])).with({ 'X-On-Behalf-Of': id });
    expect((await service.get('admin/audit')).status).toBe(403);
  });

  it('is refused without act_as, from people, and for people of another organization', async () => {
    const stranger = await api.build.member();
    const plain = (await api.build.service(organization, ['members:manage'])).with({
      'X-On-Behalf-Of': admin.id,
    });
    expect((await plain.get('me')).status).toBe(403);
    expect((await (await api.as(admin)).with({ 'X-On-Behalf-Of': admin.id }).get('me')).status).toBe(403);
    const service = (await api.build.service(organization, ['act_as'])).with({
      'X-On-Behalf-Of': stranger.id,
    });
    expect((await service.get('me')).status).toBe(404);
  });

  it('is audited with the key and the person', async () => {
    const key = await api.build.key(organization, ['act_as', 'roles:manage']);
    await api
      .withKey(key.secret)
      .with({ 'X-On-Behalf-Of': admin.id })
      .put('admin/roles/helper', { permissions: [] });
    const { body } = await (await api.as(admin)).get('admin/audit?limit=1');
    expect(body.data[0]).toMatchObject({
      actor_kind: 'service',
      user_id: admin.id,
      api_key_id: key.id,
      action: 'role.put',
    });
  });
});

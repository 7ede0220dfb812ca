import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi({ webhookAllowPrivate: true });

const URL_OF_OURS = 'https://clinic.example/hook';
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;

let organization: TestOrganization;
let admin: Client;

beforeEach(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
});

const create = async (given: object = {}) =>
  (await admin.post('admin/webhooks', { url: URL_OF_OURS, ...given })).body as { id: string; secret: string };

const list = async () => (await admin.get('admin/webhooks')).body.data as Record<string, any>[];

describe('a webhook endpoint', () => {
  it('is created with a secret that is shown once', async () => {
    const answer = await admin.post('admin/webhooks', { url: URL_OF_OURS, types: ['BILLING'] });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        id: expect.any(String),
        url: URL_OF_OURS,
        types: ['BILLING'],
        enabled: true,
        disabled_at: null,
        disabled_reason: null,
        previous_secret_until: null,
        secret: expect.stringMatching(SECRET),
      },
    });
    const { secret, ...shown } = answer.body;
    expect(await list()).toEqual([shown]);
    expect(api.logged.join()).not.toContain(secret);
  });

  it('is created once with one Idempotency-Key, and the repeat does not show its secret', async () => {
    const client = admin.with({ 'Idempotency-Key': 'hook' });
    const first = await client.post('admin/webhooks', { url: URL_OF_OURS });
    const second = await client.post('admin/webhooks', { url: URL_OF_OURS });
    expect(second.body).toEqual({ ...first.body, secret: null });
    expect(await list()).toHaveLength(1);
    const kept = await api.database.query<{ result: Buffer }>(
      'SELECT result FROM idempotency_keys WHERE organization_id = $1',
      [organization.id],
    );
    expect(kept.map(({ result }) => result.toString('latin1')).join()).not.toContain(first.body.secret);
  });

  it('can change its URL and types, and be disabled and enabled', async () => {
    const { id } = await create({ types: ['BILLING'] });
    const path = `admin/webhooks/${id}`;
    const moved = await admin.patch(path, { url: 'https://other.example', types: ['SYSTEM', 'BILLING'] });
    expect(moved).toMatchObject({
      status: 200,
      body: { url: 'https://other.example', types: ['SYSTEM', 'BILLING'], enabled: true, secret: null },
    });
    expect((await admin.patch(path, { types: null })).body).toMatchObject({ types: null });
    const off = await admin.patch(path, { enabled: false });
    expect(off.body).toMatchObject({
      url: 'https://other.example',
      enabled: false,
      disabled_at: expect.any(String),
      disabled_reason: 'An admin has disabled it.',
    });
    expect((await admin.patch(path, { enabled: false })).body.disabled_at).toBe(off.body.disabled_at);
    expect((await admin.patch(path, { enabled: true })).body).toMatchObject({
      enabled: true,
      disabled_at: null,
      disabled_reason: null,
    });
  });

  it('can rotate its secret, and the previous one stays valid for a day', async () => {
    const { id, secret } = await create();
    const { body } = await admin.patch(`admin/webhooks/${id}`, { rotate_secret: true });
    expect(body.secret).toMatch(SECRET);
    expect(body.secret).not.toBe(secret);
    const hours = (Date.parse(body.previous_secret_until) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    const unchanged = await admin.patch(`admin/webhooks/${id}`, { rotate_secret: false });
    expect(unchanged.body).toMatchObject({ secret: null, previous_secret_until: body.previous_secret_until });
  });

  it('can be deleted', async () => {
    const { id } = await create();
    expect((await admin.delete(`admin/webhooks/${id}`)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect((await admin.delete(`admin/webhooks/${id}`)).status).toBe(404);
  });

  it('is audited with what changed, without secrets, paths and queries', async () => {
    const { id } = await create();
    const path = `admin/webhooks/${id}`;
    await admin.patch(path, { url: 'https://token@clinic.example' });
    const change = { url: 'https://other.example/path?key=1', types: ['BILLING'], enabled: false };
    await admin.patch(path, { ...change, rotate_secret: true });
    await admin.patch(path, { revoke_previous_secrets: true });
    await admin.delete(path);
    const entries = await api.database.query(
      `SELECT action, details FROM audit_entries WHERE organization_id = $1 AND target_id = $2 ORDER BY id`,
      [organization.id, id],
    );
    expect(entries).toEqual([
      { action: 'webhook.create', details: { origin: 'https://clinic.example', types: null } },
      {
        action: 'webhook.update',
        details: {
          fields: ['url', 'types', 'enabled'],
          origin: 'https://other.example',
          previous_origin: 'https://clinic.example',
          types: ['BILLING'],
          previous_types: null,
          enabled: false,
        },
      },
      { action: 'webhook.rotate', details: {} },
      { action: 'webhook.revoke_secrets', details: {} },
      { action: 'webhook.delete', details: { origin: 'https://other.example', types: ['BILLING'] } },
    ]);
  });

  it('cannot be read, changed, tested or deleted by another organization', async () => {
    const { id } = await create();
    const { admin: stranger } = await api.build.organizationWithAdmin();
    expect((await stranger.get('admin/webhooks')).body.data).toEqual([]);
    for (const answer of [
      await stranger.patch(`admin/webhooks/${id}`, { enabled: false }),
      await stranger.post(`admin/webhooks/${id}/test`),
      await stranger.delete(`admin/webhooks/${id}`),
    ]) {
      expect(answer.status).toBe(404);
    }
    expect(await list()).toMatchObject([{ id, enabled: true }]);
  });

  it('is limited to ten per organization, even with concurrent requests', async () => {
    const answered = await Promise.all(
      Array.from({ length: 14 }, () => admin.post('admin/webhooks', { url: URL_OF_OURS })),
    );
    const made = answered.filter(({ status }) => status === 201);
    const refused = answered.filter(({ status }) => status === 409);
    expect([made.length, refused.length]).toEqual([10, 4]);
    const first = await admin.get('admin/webhooks?limit=6');
    const second = await admin.get(`admin/webhooks?limit=6&cursor=${first.body.next_cursor}`);
    const ids = [...first.body.data, ...second.body.data].map(({ id }) => id as string);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect([new Set(ids).size, second.body.next_cursor]).toEqual([10, null]);
  });

  it.each([
    ['no URL', { url: undefined }, 'url'],
    ['an invalid URL', { url: 'clinic' }, 'url'],
    ['a URL without a host', { url: 'https://' }, 'url'],
    ['another protocol', { url: 'ftp://clinic.example' }, 'url'],
    ['a file', { url: 'file:///etc/passwd' }, 'url'],
    ['a script', { url: 'javascript:alert(1)' }, 'url'],
    ['a user name', { url: 'https://me@clinic.example' }, 'url'],
    ['a password', { url: 'https://me:secret@clinic.example' }, 'url'],
    ['a URL too long', { url: `https://clinic.example/${'x'.repeat(2000)}` }, 'url'],
    ['no types', { types: [] }, 'types'],
    ['types that are a string', { types: 'BILLING' }, 'types'],
    ['an invalid type', { types: ['billing'] }, 'types'],
    ['a type twice', { types: ['BILLING', 'BILLING'] }, 'types'],
    ['51 types', { types: Array.from({ length: 51 }, (_, number) => `T${number}`) }, 'types'],
    ['a secret of the caller’s', { secret: 'whsec_AAAA' }, 'secret'],
  ])('is refused with %s, when it is created and when it is changed', async (_what, change, field) => {
    const refused = { status: 400, body: { code: 'validation_failed', errors: [{ field }] } };
    expect(await admin.post('admin/webhooks', { url: URL_OF_OURS, ...change })).toMatchObject(refused);
    const { id } = await create();
    if ('url' in change && change.url === undefined) return;
    expect(await admin.patch(`admin/webhooks/${id}`, change)).toMatchObject(refused);
    expect(await list()).toMatchObject([{ id, url: URL_OF_OURS, types: null }]);
  });
});

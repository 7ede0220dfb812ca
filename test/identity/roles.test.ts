import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi();

let organization: TestOrganization;
let admin: Client;

beforeAll(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
});

describe('roles', () => {
  it('can be created, changed and deleted', async () => {
    const permissions = ['messages:monitor', 'audit:read'];
    expect(await admin.put('admin/roles/auditor', { permissions })).toMatchObject({
      status: 201,
      body: { name: 'auditor', permissions },
    });
    expect(await admin.put('admin/roles/auditor', { permissions: [] })).toMatchObject({
      status: 200,
      body: { permissions: [] },
    });
    expect((await admin.delete('admin/roles/auditor')).status).toBe(204);
    expect((await admin.get('admin/roles/auditor')).status).toBe(404);
    expect((await admin.delete('admin/roles/auditor')).status).toBe(404);
  });

  it('grant every permission with *', async () => {
    const { body } = await admin.get('admin/roles/admin');
    expect(body.permissions).toEqual(['*']);
    expect(body.effective_permissions).toContain('webhooks:manage');
  });

  it('cannot be deleted while members have them, and can once these are removed', async () => {
    await admin.put('admin/roles/guest', { permissions: [] });
    const guest = await api.build.member({ organization, role: 'guest' });
    expect(await admin.delete('admin/roles/guest')).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    await admin.delete(`members/${guest.id}`);
    expect((await admin.delete('admin/roles/guest')).status).toBe(204);
  });

  it('never lose the permissions of the admin role', async () => {
    expect((await admin.put('admin/roles/admin', { permissions: [] })).status).toBe(409);
    expect((await admin.delete('admin/roles/admin')).status).toBe(409);
  });

  it('cannot gain or lose a permission that the caller does not have', async () => {
    const service = await api.build.service(organization, ['roles:manage']);
    expect((await service.put('admin/roles/sneaky', { permissions: ['keys:manage'] })).status).toBe(403);
    expect((await service.put('admin/roles/sneaky', { permissions: ['*'] })).status).toBe(403);
    await admin.put('admin/roles/strong', { permissions: ['keys:manage'] });
    expect((await service.put('admin/roles/strong', { permissions: [] })).status).toBe(403);
    expect((await service.delete('admin/roles/strong')).status).toBe(403);
    expect((await admin.get('admin/roles/strong')).status).toBe(200);
  });

  it.each([
    { permissions: ['fly'] },
    { permissions: 'audit:read' },
    { permissions: ['audit:read', 'audit:read'] },
    {},
  ])('refuse %j', async (body) => {
    expect(await admin.put('admin/roles/odd', body)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'permissions' }] },
    });
  });

  it.each(['Big', '1st', 'with space', 'x'.repeat(51)])('cannot have the name %s', async (name) => {
    expect((await admin.put(`admin/roles/${encodeURIComponent(name)}`, { permissions: [] })).status).toBe(
      404,
    );
  });
});

describe('the audit log', () => {
  it('lists actor, action and target, newest first, in pages', async () => {
    await admin.put('admin/roles/logged', { permissions: ['audit:read'] });
    await admin.with({ 'X-Request-Id': 'the-deletion' }).delete('admin/roles/logged');
    const first = (await admin.get('admin/audit?limit=1')).body;
    expect(first.data[0]).toMatchObject({
      action: 'role.delete',
      target_type: 'role',
      target_id: 'logged',
      actor_kind: 'person',
      request_id: 'the-deletion',
    });
    const second = (await admin.get(`admin/audit?limit=1&cursor=${first.next_cursor}`)).body;
    expect(second.data[0]).toMatchObject({ action: 'role.put', details: { permissions: ['audit:read'] } });
  });

  it('has no entry of a request that failed', async () => {
    await admin.put('admin/roles/failed', { permissions: ['fly'] });
    await (
      await api.build.service(organization, ['roles:manage'])
    ).put('admin/roles/failed', { permissions: ['*'] });
    const { body } = await admin.get('admin/audit?limit=100');
    expect(body.data.filter(({ target_id }: { target_id: string }) => target_id === 'failed')).toEqual([]);
  });

  it('shows nothing of other organizations', async () => {
    const stranger = await api.as(await api.build.member({ role: 'admin' }));
    const { body } = await stranger.get('admin/audit?limit=100');
    expect(body.data.map(({ action }: { action: string }) => action).toSorted()).toEqual([
      'member.put',
      'organization.put',
    ]);
  });
});

describe('GET /admin/roles', () => {
  it('lists the roles of the organization by name, in pages', async () => {
    const { admin: client } = await api.build.organizationWithAdmin();
    await client.put('admin/roles/auditor', { permissions: ['audit:read'] });
    const { status, body } = await client.get('admin/roles?limit=3');
    expect(status).toBe(200);
    expect(body.data).toMatchObject([
      { name: 'admin', permissions: ['*'] },
      { name: 'auditor', permissions: ['audit:read'], effective_permissions: ['audit:read'] },
      { name: 'clinician' },
    ]);
    const rest = await client.get(`admin/roles?limit=3&cursor=${body.next_cursor}`);
    expect(rest.body).toMatchObject({ data: [{ name: 'therapist' }, { name: 'user' }], next_cursor: null });
  });
});

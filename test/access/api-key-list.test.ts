import { describe, expect, it } from 'vitest';
import { ALL, ApiKeysService, PERMISSIONS, PLATFORM_ORGANIZATION } from '#identity';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { person } from '../support/people.js';

const api = useApi({ worker: 'off' });

describe('the list of API keys', () => {
  const listed = async (organization: TestOrganization, id: string) => {
    const { body } = await api.platform(organization).get('admin/api-keys?limit=100');
    return (body.data as Record<string, unknown>[]).find((key) => key['id'] === id);
  };

  it('shows the creator, and whether they were removed or may no longer manage keys', async () => {
    const organization = await api.build.organization();
    const admin = await person(api, organization, { role: 'admin' });
    const { body: key } = await admin.client.post('admin/api-keys', { name: 'mine', scopes: [] });
    const shown = { created_by_user_id: admin.id, created_by_key_id: null };
    expect(key).toMatchObject(shown);
    expect(await listed(organization, key.id)).toMatchObject({ ...shown, creator_removed: false });

    const put = (role: string) =>
      api.platform(organization).put(`members/${admin.id}`, {
        username: admin.username,
        display_name: admin.display_name,
        role,
      });
    await put('user');
    expect(await listed(organization, key.id)).toMatchObject({ creator_removed: true });
    await put('admin');
    expect(await listed(organization, key.id)).toMatchObject({ creator_removed: false });
    await api.platform(organization).delete(`members/${admin.id}`);
    expect(await listed(organization, key.id)).toMatchObject({ ...shown, creator_removed: true });
    await put('admin');
    expect(await listed(organization, key.id)).toMatchObject({ ...shown, creator_removed: true });
  });

  it('shows the key that created a key, and whether it was revoked', async () => {
    const organization = await api.build.organization();
    const maker = await api.build.key(organization, ['keys:manage']);
    const { body: key } = await api
      .withKey(maker.secret)
      .post('admin/api-keys', { name: 'made by a service', scopes: [] });
    const shown = { created_by_user_id: null, created_by_key_id: maker.id };
    expect(await listed(organization, key.id)).toMatchObject({ ...shown, creator_removed: false });
    await api.platform(organization).delete(`admin/api-keys/${maker.id}`);
    expect(await listed(organization, key.id)).toMatchObject({ ...shown, creator_removed: true });
  });

  it('shows that a creating platform key was revoked, and nothing about the one of the environment', async () => {
    const organization = await api.build.organization();
    const keys = api.app.get(ApiKeysService);
    const caller = {
      kind: 'platform' as const,
      organizationId: PLATFORM_ORGANIZATION,
      permissions: new Set(PERMISSIONS),
      requestId: 'a test',
    };
    const maker = await keys.create(caller, { name: 'platform', scopes: [ALL] });
    const platform = api.withKey(maker.secret!).with({ 'X-Organization-Id': organization.id });
    const { body: key } = await platform.post('admin/api-keys', { name: 'by the platform', scopes: [] });
    expect(await listed(organization, key.id)).toMatchObject({ creator_removed: false });
    await keys.revoke(caller, maker.id);
    expect(await listed(organization, key.id)).toMatchObject({ creator_removed: true });
    const byEnvironment = await api.build.key(organization, []);
    expect(await listed(organization, byEnvironment.id)).toMatchObject({
      created_by_user_id: null,
      created_by_key_id: null,
      creator_removed: false,
    });
  });
});

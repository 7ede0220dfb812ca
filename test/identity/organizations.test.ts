import { describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { PLATFORM_ORGANIZATION } from '#identity';
import { useApi } from '../support/api.js';

const api = useApi();

describe('PUT /organizations/{id}', () => {
  it('creates an organization with the default roles, then renames it', async () => {
    const id = uuid();
    expect(await api.platform().put(`organizations/${id}`, { name: 'Clinic' })).toMatchObject({
      status: 201,
      body: { id, name: 'Clinic' },
    });
    expect(await api.platform().put(`organizations/${id}`, { name: 'Other' })).toMatchObject({
      status: 200,
      body: { name: 'Other' },
    });
    expect((await api.platform().get(`organizations/${id}`)).body.name).toBe('Other');
    for (const role of ['admin', 'therapist', 'clinician', 'user']) {
      expect((await api.platform({ id }).get(`admin/roles/${role}`)).status).toBe(200);
    }
  });

  it('creates it once if requests are concurrent', async () => {
    const id = uuid();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.platform().put(`organizations/${id}`, { name: 'Clinic' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(9);
  });

  it('refuses the id that stands for the platform', async () => {
    expect(
      (await api.platform().put(`organizations/${PLATFORM_ORGANIZATION}`, { name: 'Mine' })).status,
    ).toBe(409);
  });

  it('refuses the admin of an organization', async () => {
    const admin = await api.build.member({ role: 'admin' });
    expect(
      (await (await api.as(admin)).put(`organizations/${admin.organization.id}`, { name: 'Mine' })).status,
    ).toBe(403);
  });
});

describe('the platform key', () => {
  it('must name an existing organization on routes of an organization', async () => {
    expect(await api.platform().get('members')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'X-Organization-Id' }] },
    });
    expect((await api.platform({ id: 'x' }).get('members')).status).toBe(400);
    expect((await api.platform({ id: uuid() }).get('members')).status).toBe(404);
    expect((await api.platform(await api.build.organization()).get('members')).status).toBe(200);
  });

  it('cannot create members and roles in the platform organization', async () => {
    const platform = api.platform({ id: PLATFORM_ORGANIZATION });
    const nora = { username: 'nora', display_name: 'Nora', role: 'user' };
    for (const put of [
      () => platform.put('admin/roles/user', { permissions: [] }),
      () => platform.put(`members/${uuid()}`, nora),
    ])
      expect(await put()).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await platform.get('admin/roles/user')).status).toBe(404);
  });

  it('acts for a person of the organization with X-On-Behalf-Of', async () => {
    const member = await api.build.member();
    const client = api.platform(member.organization).with({ 'X-On-Behalf-Of': member.username });
    expect((await client.get('me')).body.id).toBe(member.id);
  });
});

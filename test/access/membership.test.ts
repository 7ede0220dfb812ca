import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';

const api = useApi();

describe('membership and role', () => {
  it('let a removed member in no more, at once', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    expect((await person.get('me')).status).toBe(200);
    await api.platform(member.organization).delete(`members/${member.id}`);
    expect((await person.get('me')).status).toBe(403);
  });

  it('let a member whom another process removed in no more within five seconds', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    expect((await person.get('me')).status).toBe(200);
    await api.database.query('UPDATE members SET removed_at = now() WHERE user_id = $1', [member.id]);
    await expect.poll(async () => (await person.get('me')).status, { timeout: 5500 }).toBe(403);
  });

  it('take on a changed role at once', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    expect((await person.get('admin/audit')).status).toBe(403);
    const { username, display_name } = member;
    await api
      .platform(member.organization)
      .put(`members/${member.id}`, { username, display_name, role: 'admin' });
    expect((await person.get('admin/audit')).status).toBe(200);
  });

  it('take on changed permissions of a role at once', async () => {
    const organization = await api.build.organization();
    const person = await api.as(await api.build.member({ organization, role: 'therapist' }));
    expect((await person.get('admin/audit')).status).toBe(403);
    await api.platform(organization).put('admin/roles/therapist', { permissions: ['audit:read'] });
    expect((await person.get('admin/audit')).status).toBe(200);
  });
});

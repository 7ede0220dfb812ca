import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const api = useApi();

let organization: TestOrganization;
let admin: Client;
let user: TestMember;

beforeAll(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
  user = await api.build.member({ organization });
});

describe('the directory', () => {
  it('shows people of the same organization by id and username, and no more of them than a profile', async () => {
    const colleague = await api.as(user);
    const other = await api.build.member({ organization, email: 'private@example.com' });
    const profile = {
      id: other.id,
      username: other.username,
      display_name: other.display_name,
      role: 'user',
    };
    expect((await colleague.get(`members/${other.id}`)).body).toEqual(profile);
    expect((await colleague.get(`members/${other.username.toUpperCase()}`)).body).toEqual(profile);
  });

  it('finds people by part of a name, taken literally, and by role', async () => {
    const clinic = await api.build.organization();
    const people = [
      ['kim', 'Kim Kärntner', 'therapist'],
      ['lee', '100%_sure', 'user'],
      ['max', 'Max', 'user'],
    ] as const;
    for (const [username, display_name, role] of people)
      await api.build.member({ organization: clinic, username, display_name, role });
    const found = async (query: string) =>
      (await api.platform(clinic).get(`members?${query}`)).body.data.map(
        ({ username }: { username: string }) => username,
      );
    expect(await found(`query=${encodeURIComponent('KÄRNT')}`)).toEqual(['kim']);
    expect(await found(`query=${encodeURIComponent('0%_')}`)).toEqual(['lee']);
    expect(await found(`query=${encodeURIComponent('%')}`)).toEqual(['lee']);
    expect(await found('query=a&role=user')).toEqual(['max']);
    expect(await found('role=user')).toEqual(['lee', 'max']);
    expect(await found('query=nobody')).toEqual([]);
  });

  it('hides whoever wants to be hidden from everybody but themselves and managers', async () => {
    const shy = await api.build.member({ organization });
    const [self, colleague] = [await api.as(shy), await api.as(user)];
    expect((await self.patch('me/visibility', { profile_visibility: 'hidden' })).status).toBe(200);
    const missing = await colleague.get(`members/${uuid()}`);
    for (const person of [shy.id, shy.username]) {
      const { status, body } = await colleague.get(`members/${person}`);
      expect({ status, ...body, request_id: 0 }).toEqual({ ...missing.body, request_id: 0 });
    }
    const listed = async (client: Client) =>
      (await client.get(`members?query=${shy.username}`)).body.data.length;
    expect([await listed(colleague), await listed(self), await listed(admin)]).toEqual([0, 1, 1]);
    expect((await self.get(`members/${shy.id}`)).status).toBe(200);
    expect((await admin.get(`members/${shy.id}`)).status).toBe(200);
  });
});

describe('GET /me and PATCH /me/visibility', () => {
  it('show who I am and change only what is said', async () => {
    const me = await api.build.member({ role: 'admin' });
    const self = await api.as(me);
    const open = {
      accepts_messages_from: 'everyone',
      profile_visibility: 'organization',
      share_read_receipts: true,
    };
    expect((await self.get('me')).body).toMatchObject({
      id: me.id,
      organization: { id: me.organization.id },
      visibility: open,
      permissions: expect.arrayContaining(['members:manage']),
    });
    const changed = { ...open, accepts_messages_from: 'known' };
    expect((await self.patch('me/visibility', { accepts_messages_from: 'known' })).body).toEqual(changed);
    expect((await self.patch('me/visibility', { share_read_receipts: false })).body).toEqual({
      ...changed,
      share_read_receipts: false,
    });
  });

  it.each([
    { accepts_messages_from: 'friends' },
    { profile_visibility: true },
    { share_read_receipts: 'no' },
    { role: 'admin' },
  ])('refuse %j', async (change) => {
    const answer = await (await api.as(user)).patch('me/visibility', change);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: Object.keys(change)[0] }] } });
  });
});

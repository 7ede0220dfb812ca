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
  it('shows only the profile of people of the same organization, by id and username', async () => {
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

  it('finds people by beginnings of words in their names, and by role', async () => {
    const clinic = await api.build.organization();
    const people = [
      ['kim', 'Kim Kärntner-Łuk', 'therapist'],
      ['lee_ann', "100%_sure D'Angelo", 'user'],
      ['max', 'Max ☎ İstanbul', 'user'],
      ['zoë+work', '', 'user'],
    ] as const;
    const ids: string[] = [];
    for (const [username, display_name, role] of people) {
      const name = { username: username.replace('ë', 'e'), display_name: display_name || '田中 太郎' };
      ids.push((await api.build.member({ organization: clinic, role, ...name })).id);
    }
    const found = async (query: string, more = '') =>
      (await api.platform(clinic).get(`members?query=${encodeURIComponent(query)}${more}`)).body.data.map(
        ({ username }: { username: string }) => username,
      ) as string[];
    const expected: [query: string, usernames: string[]][] = [
      ['KÄRNT', ['kim']],
      ['karntner', ['kim']],
      ['ärntner', []],
      ['kim karn', ['kim']],
      ['karn kim', ['kim']],
      ['kim max', []],
      ['k k', ['kim']],
      ['100', ['lee_ann']],
      ['sure', ['lee_ann']],
      ['0%_', []],
      ['lee_a', ['lee_ann']],
      ['ang', ['lee_ann']],
      ['istan', ['max']],
      ['☎', ['max']],
      ['田', ['zoe+work']],
      ['太郎', ['zoe+work']],
      ['work', ['zoe+work']],
      ['%', []],
      ['_', []],
      ['nobody', []],
    ];
    for (const [query, usernames] of expected)
      expect([query, await found(query)]).toEqual([query, usernames]);
    expect(await found('m', '&role=user')).toEqual(['max']);
    expect(await found('k', '&role=user')).toEqual([]);
    const byRole = (await api.platform(clinic).get('members?role=user')).body.data;
    expect(byRole.map(({ username }: { username: string }) => username)).toEqual([
      'lee_ann',
      'max',
      'zoe+work',
    ]);
  });

  it('finds people by their current names and role, and no removed people', async () => {
    const clinic = await api.build.organization();
    const client = api.platform(clinic);
    const { id } = await api.build.member({
      organization: clinic,
      username: 'before',
      display_name: 'Old Name',
    });
    const found = async (query: string) => (await client.get(`members?query=${query}`)).body.data.length;
    const put = (username: string, display_name: string, role: string) =>
      client.put(`members/${id}`, { username, display_name, role });
    expect([await found('before'), await found('old')]).toEqual([1, 1]);
    await put('after', 'New Name', 'therapist');
    expect([await found('before'), await found('old'), await found('after'), await found('new')]).toEqual([
      0, 0, 1, 1,
    ]);
    expect([await found('new&role=user'), await found('new&role=therapist')]).toEqual([0, 1]);
    await client.delete(`members/${id}`);
    expect(await found('new')).toBe(0);
    expect(await api.database.query('SELECT FROM member_words WHERE user_id = $1', [id])).toEqual([]);
    await put('again', 'New Name', 'user');
    expect([await found('new'), await found('again'), await found('after')]).toEqual([1, 1, 0]);
  });

  it('lists found people by username in pages, each once', async () => {
    const clinic = await api.build.organization();
    const usernames = Array.from({ length: 25 }, (_, index) => `person.${String(index).padStart(2, '0')}`);
    for (const username of usernames) {
      await api.build.member({ organization: clinic, username, display_name: 'Persona Person' });
    }
    const first = await api.platform(clinic).get('members?query=person');
    const next = await api.platform(clinic).get(`members?query=person&cursor=${first.body.next_cursor}`);
    const shown = [...first.body.data, ...next.body.data].map(
      ({ username }: { username: string }) => username,
    );
    expect(shown).toEqual(usernames);
    expect(next.body.next_cursor).toBeNull();
  });

  it('hides hidden people from everybody except themselves and members with members:manage', async () => {
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
  it('show the caller, and change only the given fields', async () => {
    const me = await api.build.member({ role: 'admin' });
    const self = await api.as(me);
    const open = {
      accepts_messages_from: 'everyone',
      profile_visibility: 'organization',
      share_read_receipts: true,
      appear_offline: false,
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

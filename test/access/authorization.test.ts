import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import { ALL, ApiKeysService, PERMISSIONS, PLATFORM_ORGANIZATION } from '#identity';
import { withoutAnnouncements } from '../support/announcements.js';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { person, startGroup } from '../support/people.js';
import { type SecondApi, startSecondApi } from '../support/second-api.js';

const api = useApi();

let other: SecondApi;

beforeAll(async () => {
  other = await startSecondApi(api.database);
});

afterAll(() => other.stop());

const PATIENCE = { timeout: 5000, interval: 10 };

interface Caller {
  headers: Record<string, string>;
  /** Takes the power away, through this process. */
  remove: () => Promise<unknown>;
}

const CALLERS: Record<string, (organization: TestOrganization) => Promise<Caller>> = {
  'an admin who was removed': async (organization) => {
    const { client, id } = await person(api, organization, { role: 'admin' });
    const headers = headersOf(client);
    return { headers, remove: () => api.platform(organization).delete(`members/${id}`) };
  },
  'an admin whose role was changed': async (organization) => {
    const admin = await person(api, organization, { role: 'admin' });
    const { id, username, display_name } = admin;
    const change = { username, display_name, role: 'user' };
    return {
      headers: headersOf(admin.client),
      remove: () => api.platform(organization).put(`members/${id}`, change),
    };
  },
  'a person whose role lost its permissions': async (organization) => {
    const platform = api.platform(organization);
    await platform.put('admin/roles/manager', { permissions: ['*'] });
    const { client } = await person(api, organization, { role: 'manager' });
    return {
      headers: headersOf(client),
      remove: () => platform.put('admin/roles/manager', { permissions: [] }),
    };
  },
  'a service whose key was revoked': async (organization) => {
    const key = await api.build.key(organization, ['*']);
    const remove = () => api.platform(organization).delete(`admin/api-keys/${key.id}`);
    return { headers: { 'X-Api-Key': key.secret }, remove };
  },
  'a service on behalf of an admin who was removed': async (organization) => {
    const key = await api.build.key(organization, ['*']);
    const { id } = await person(api, organization, { role: 'admin' });
    const headers = { 'X-Api-Key': key.secret, 'X-On-Behalf-Of': id };
    return { headers, remove: () => api.platform(organization).delete(`members/${id}`) };
  },
  'the platform with a key that was revoked': async (organization) => {
    const keys = api.app.get(ApiKeysService);
    const permissions = new Set(PERMISSIONS);
    const caller = {
      kind: 'platform' as const,
      organizationId: PLATFORM_ORGANIZATION,
      permissions,
      requestId: 'a test',
    };
    const key = await keys.create(caller, { name: `platform ${uuid()}`, scopes: [ALL] });
    const headers = { 'X-Api-Key': key.secret!, 'X-Organization-Id': organization.id };
    return { headers, remove: () => keys.revoke(caller, key.id) };
  },
};

const headersOf = (client: object) => (client as { headers: Record<string, string> }).headers;

/** What grants power, takes it from others, or cannot be undone. */
const OPERATIONS: [string, string, () => object | undefined][] = [
  ['POST', 'admin/api-keys', () => ({ name: `lasting ${uuid()}`, scopes: ['act_as'] })],
  ['PUT', `members/${uuid()}`, () => ({ username: `u${uuid()}`, display_name: 'Accomplice', role: 'admin' })],
  ['DELETE', `members/${uuid()}`, () => undefined],
  ['PUT', 'admin/roles/accomplice', () => ({ permissions: ['*'] })],
  ['DELETE', 'admin/roles/therapist', () => undefined],
  ['DELETE', `admin/api-keys/${uuid()}`, () => undefined],
  ['PUT', 'admin/messaging-rules', () => ({ rules: [] })],
  ['PATCH', 'admin/preferences', () => ({ channels: { email: 'off' } })],
  ['PUT', 'admin/notification-types/PLANTED', () => ({ default_channels: {} })],
  ['DELETE', 'admin/notification-types/BILLING', () => undefined],
  ['POST', 'admin/unsubscribe-keys/rotate', () => ({})],
  ['POST', 'admin/webhooks', () => ({ url: 'https://accomplice.example/hook' })],
  ['PATCH', `admin/webhooks/${uuid()}`, () => ({ url: 'https://accomplice.example/hook' })],
  ['DELETE', `admin/webhooks/${uuid()}`, () => undefined],
  ['DELETE', `admin/messages/${uuid()}`, () => ({ reason: 'a test' })],
  ['PATCH', `admin/threads/${uuid()}`, () => ({ subject: 'Taken over', reason: 'a test' })],
  ['POST', `admin/threads/${uuid()}/participants`, () => ({ user_id: uuid(), reason: 'a test' })],
  ['DELETE', `admin/threads/${uuid()}/participants/${uuid()}`, () => ({ reason: 'a test' })],
  // Only the platform is admitted to these.
  ['PUT', `organizations/${uuid()}`, () => ({ name: 'Planted' })],
  ['DELETE', `users/${uuid()}`, () => undefined],
];

describe('a route that grants permissions', () => {
  for (const [name, make] of Object.entries(CALLERS)) {
    it(`is refused to ${name} through a process that has not noticed yet`, async () => {
      const organization = await api.build.organization();
      const { headers, remove } = await make(organization);
      const send = (method: string, path: string, body?: object) =>
        other.http.send({ method, path: `/api/v1/${path}`, headers, body });
      // So that the other process knows the caller, and goes on to for five seconds.
      expect((await send('POST', 'admin/api-keys', { name: 'before', scopes: [] })).status).toBe(201);
      await withoutAnnouncements(api.database, remove);
      const answers = [];
      for (const [method, path, body] of OPERATIONS) {
        const { status, text } = await send(method, path, body());
        answers.push({ method, path, status, text });
      }
      expect(answers.filter(({ status }) => status !== 403)).toEqual([]);
      // It was not the cache: what grants nothing is still answered.
      expect((await send('GET', 'admin/roles')).status).toBe(200);
    });
  }

  it('is refused to a participant whose role lost messages:moderate, but not to the owner of the group', async () => {
    const organization = await api.build.organization();
    const platform = api.platform(organization);
    const giveRole = (permissions: string[]) => platform.put('admin/roles/moderator', { permissions });
    await giveRole(['messages:moderate']);
    const [moderator, owner, accomplice] = [
      await person(api, organization, { role: 'moderator' }),
      await person(api, organization),
      await person(api, organization),
    ];
    const owned = await startGroup(moderator, [owner]);
    const ofOther = await startGroup(owner, [moderator]);
    const send = (method: string, path: string, body?: object) =>
      other.http.send({ method, path: `/api/v1/${path}`, headers: headersOf(moderator.client), body });
    const change = async (group: string) => {
      const path = `messages/threads/${group}`;
      const answers = [
        await send('PATCH', path, { subject: 'Taken over' }),
        await send('POST', `${path}/participants`, { user_id: accomplice.id }),
        await send('DELETE', `${path}/participants/${owner.id}`),
      ];
      return answers.map(({ status }) => status);
    };
    expect((await send('PATCH', `messages/threads/${ofOther}`, { subject: 'Allowed' })).status).toBe(200);
    await withoutAnnouncements(api.database, () => giveRole([]));
    expect(await change(ofOther)).toEqual([403, 403, 403]);
    expect(await change(owned)).toEqual([200, 201, 204]);
  });

  it('waits for a removal in progress, and is refused after it', async () => {
    const organization = await api.build.organization();
    const admin = await person(api, organization, { role: 'admin' });
    const removal = new Client({ connectionString: api.database.url, options: '-c search_path=tidings' });
    await removal.connect();
    await removal.query('BEGIN');
    await removal.query('UPDATE members SET removed_at = now(), role = NULL WHERE user_id = $1', [admin.id]);
    const creating = admin.client.post('admin/api-keys', { name: 'in between', scopes: [] });
    await vi.waitUntil(
      async () => (await api.database.query(`SELECT FROM pg_locks WHERE NOT granted`)).length > 0,
      PATIENCE,
    );
    await removal.query('COMMIT');
    await removal.end();
    expect((await creating).status).toBe(403);
  });
});

describe('two admins who remove each other at the same time', () => {
  it('get no 5xx, and at least one of them is removed', async () => {
    const organization = await api.build.organization();
    const [one, two] = [
      await person(api, organization, { role: 'admin' }),
      await person(api, organization, { role: 'admin' }),
    ];
    const answers = await Promise.all([
      one.client.delete(`members/${two.id}`),
      two.client.delete(`members/${one.id}`),
    ]);
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([204, 403]);
  });
});

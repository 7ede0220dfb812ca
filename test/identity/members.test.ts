import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let admin: Client;

beforeAll(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
});

let count = 0;
const input = (given: object = {}) => ({
  username: `name${++count}`,
  display_name: 'Somebody',
  role: 'user',
  ...given,
});
const put = (given: object = {}, id = uuid()) => admin.put(`members/${id}`, input(given));

describe('PUT /members/{user_id}', () => {
  it('creates a member, then changes the same one and clears omitted fields', async () => {
    const id = uuid();
    const full = { email: 'nina@example.com', locale: 'en-GB', time_zone: 'Europe/London' };
    const made = await put({ username: 'nina', ...full }, id);
    const changed = await put({ username: 'nina', display_name: 'Nina N.' }, id);
    expect(made).toMatchObject({ status: 201, body: { id, username: 'nina', ...full } });
    expect(changed).toMatchObject({
      status: 200,
      body: { display_name: 'Nina N.', email: null, locale: null, time_zone: null },
    });
  });

  it('records member.joined once', async () => {
    const id = uuid();
    await put({ username: 'joiner' }, id);
    await put({ username: 'joiner' }, id);
    const events = await api.database.query(`SELECT type FROM outbox WHERE payload ->> 'user_id' = $1`, [id]);
    expect(events).toEqual([{ type: 'member.joined' }]);
  });

  it('creates one member if requests are concurrent', async () => {
    const id = uuid();
    const answers = await Promise.all(Array.from({ length: 20 }, () => put({ username: 'racer' }, id)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
  });

  it('keeps usernames unique per organization, ignoring case', async () => {
    expect((await put({ username: 'Unique' })).status).toBe(201);
    expect(await put({ username: 'uNIQUE' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await api.build.member({ username: 'unique' })).username).toBe('unique');
  });

  it.each([
    ['username', { username: '' }],
    ['username', { username: 'two words' }],
    ['username', { username: 'x'.repeat(65) }],
    ['username', { username: 'née' }],
    ['username', { username: uuid() }],
    ['username', { username: 7 }],
    ['display_name', { display_name: ' ' }],
    ['display_name', { display_name: '😀'.repeat(201) }],
    ['email', { email: 'nobody' }],
    ['email', { email: 'two@at@signs' }],
    ['locale', { locale: 'not a locale' }],
    ['time_zone', { time_zone: 'Mars/Olympus' }],
    ['time_zone', { time_zone: '+02:00' }],
    ['role', { role: 'no_such_role' }],
    ['role', { role: undefined }],
    ['organization_id', { organization_id: uuid() }],
  ])('answers 400 that names %s for %j', async (field, given) => {
    const answer = await put(given);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed', errors: [{ field }] } });
  });

  it('refuses the nil UUID, which stands for nobody', async () => {
    const nil = '00000000-0000-0000-0000-000000000000';
    expect(await put({}, nil)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const service = await api.build.service(organization, ['act_as']);
    expect((await service.with({ 'X-On-Behalf-Of': nil }).get('me')).status).toBe(404);
  });

  it('counts characters, not bytes, for limits of length', async () => {
    const display_name = '😀'.repeat(200);
    expect(await put({ display_name })).toMatchObject({ status: 201, body: { display_name } });
  });

  it('refuses to give or take a role with permissions that the caller does not have', async () => {
    const manager = await api.build.service(organization, ['members:manage']);
    expect((await manager.put(`members/${uuid()}`, input())).status).toBe(201);
    expect(await manager.put(`members/${uuid()}`, input({ role: 'admin' }))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const boss = await api.build.member({ organization, role: 'admin' });
    expect((await manager.put(`members/${boss.id}`, input({ role: 'user' }))).status).toBe(403);
    expect((await manager.delete(`members/${boss.id}`)).status).toBe(403);
    expect((await admin.delete(`members/${boss.id}`)).status).toBe(204);
  });
});

describe('DELETE /members/{user_id}', () => {
  it('removes the member, frees the username and deletes the e-mail address', async () => {
    const id = uuid();
    await put({ username: 'leaver', email: 'leaver@example.com' }, id);
    expect((await admin.delete(`members/${id}`)).status).toBe(204);
    expect((await admin.get(`members/${id}`)).status).toBe(404);
    expect((await admin.delete(`members/${id}`)).status).toBe(404);
    expect((await put({ username: 'leaver' })).status).toBe(201);
    expect(await api.database.query('SELECT email, role FROM members WHERE user_id = $1', [id])).toEqual([
      { email: null, role: null },
    ]);
  });

  it('can be undone by PUT, and records member.joined again', async () => {
    const id = uuid();
    await put({ username: 'returner' }, id);
    await admin.delete(`members/${id}`);
    expect((await put({ username: 'returner' }, id)).status).toBe(201);
    const events = await api.database.query(
      `SELECT type FROM outbox WHERE payload ->> 'user_id' = $1 ORDER BY id`,
      [id],
    );
    expect(events.map(({ type }) => type)).toEqual(['member.joined', 'member.removed', 'member.joined']);
  });
});

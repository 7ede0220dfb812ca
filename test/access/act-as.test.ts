import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestKey, TestMember } from '../support/builders.js';
import { type SecondApi, startSecondApi } from '../support/second-api.js';

const api = useApi();

let other: SecondApi;
let member: TestMember;
let colleague: TestMember;
let key: TestKey;
let service: Client;

beforeAll(async () => {
  other = await startSecondApi(api.database);
});

afterAll(() => other.stop());

beforeEach(async () => {
  member = await api.build.member();
  colleague = await api.build.member({ organization: member.organization });
  key = await api.build.key(member.organization, ['act_as', 'messages:monitor']);
  service = api.withKey(key.secret).with({ 'X-On-Behalf-Of': member.username });
});

const traces = async () => {
  const { body } = await api.platform(member.organization).get('admin/audit?limit=100');
  return (body.data as Record<string, any>[]).filter(({ action }) => action === 'act_as');
};

const readInOtherProcess = (path: string) =>
  other.http.send({
    method: 'GET',
    path: `/api/v1/${path}`,
    headers: { 'X-Api-Key': key.secret, 'X-On-Behalf-Of': member.id },
  });

describe('requests of a service on behalf of a person', () => {
  it('leave an audit entry for each write, with key, person and route', async () => {
    for (const content of ['one', 'two'])
      expect((await service.post('messages/send', { recipient: colleague.id, content })).status).toBe(201);
    const entry = {
      actor_kind: 'service',
      api_key_id: key.id,
      user_id: member.id,
      target_type: 'user',
      target_id: member.id,
      details: { method: 'POST', route: '/api/v1/messages/send' },
    };
    expect(await traces()).toMatchObject([entry, entry]);
  });

  it('leave one entry per hour for reads of a route, across processes', async () => {
    await Promise.all(Array.from({ length: 10 }, () => service.get('messages/inbox')));
    expect((await service.get('messages/inbox')).status).toBe(200);
    expect((await readInOtherProcess('messages/inbox')).status).toBe(200);
    const details = { method: 'GET', route: '/api/v1/messages/inbox' };
    expect(await traces()).toMatchObject([{ api_key_id: key.id, user_id: member.id, details }]);
    await service.get('me');
    expect(await traces()).toHaveLength(2);
  });

  it('leave another entry for reads in the next hour of the database', async () => {
    await service.get('messages/inbox');
    await api.database.query(
      `UPDATE act_as_reads SET noted_at = noted_at - interval '61 minutes' WHERE user_id = $1`,
      [member.id],
    );
    await readInOtherProcess('messages/inbox');
    expect(await traces()).toHaveLength(2);
  });

  it('leave an entry for each person and each key', async () => {
    const second = await api.build.key(member.organization, ['act_as']);
    await service.get('messages/inbox');
    await service.with({ 'X-On-Behalf-Of': colleague.id }).get('messages/inbox');
    await api.withKey(second.secret).with({ 'X-On-Behalf-Of': member.id }).get('messages/inbox');
    const seen = (await traces()).map(({ api_key_id, user_id }) => `${api_key_id} ${user_id}`);
    expect(seen.toSorted()).toEqual(
      [`${key.id} ${member.id}`, `${key.id} ${colleague.id}`, `${second.id} ${member.id}`].toSorted(),
    );
  });

  it('leave an entry for the platform key too', async () => {
    const platform = api.platform(member.organization).with({ 'X-On-Behalf-Of': member.id });
    await platform.get('messages/inbox');
    expect(await traces()).toMatchObject([{ actor_kind: 'platform', api_key_id: null, user_id: member.id }]);
  });

  it('are refused if the entry cannot be written', async () => {
    await api.database.query('REVOKE INSERT ON audit_entries FROM tidings_request');
    const sent = await service.post('messages/send', { recipient: colleague.id, content: 'untraced' });
    const read = await service.get('messages/inbox');
    await api.database.query('GRANT INSERT ON audit_entries TO tidings_request');
    expect([sent.status, read.status]).toEqual([500, 500]);
    expect(await api.database.query(`SELECT FROM messages WHERE content = 'untraced'`)).toEqual([]);
    expect((await service.get('messages/inbox')).status).toBe(200);
    expect(await traces()).toHaveLength(1);
  });

  it('leave no entry if people or services act for themselves', async () => {
    await (await api.as(member)).get('messages/inbox');
    const monitor = api.withKey(key.secret).with({ 'X-Access-Reason': 'a test' });
    expect((await monitor.get('admin/threads')).status).toBe(200);
    expect(await traces()).toEqual([]);
  });

  it('are recorded on messages, and oversight shows the key', async () => {
    const { body: sent } = await service.post('messages/send', {
      recipient: colleague.id,
      content: 'by key',
    });
    await (await api.as(member)).post('messages/send', { recipient: colleague.id, content: 'by hand' });
    const threads = `admin/threads/${sent.thread_id}/messages`;
    const { body } = await api
      .platform(member.organization)
      .with({ 'X-Access-Reason': 'a test' })
      .get(threads);
    expect(body.data).toMatchObject([
      { content: 'by hand', api_key_id: null },
      { content: 'by key', api_key_id: key.id },
    ]);
  });
});

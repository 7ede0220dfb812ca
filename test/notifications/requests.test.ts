import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const api = useApi();

let organization: TestOrganization;
let ann: TestMember;
let theo: TestMember;
let service: Client;

beforeEach(async () => {
  organization = await api.build.organization();
  ann = await api.build.member({ organization });
  theo = await api.build.member({ organization, role: 'therapist' });
  service = await api.build.service(organization, ['notifications:send']);
});

const notice = { type: 'SYSTEM', title: 'News', body: 'All of it.' };

const feedOf = async (member: TestMember) =>
  (await (await api.as(member)).get('notifications')).body.data as { title: string; data: object }[];

const finished = (id: string) =>
  expect
    .poll(async () => (await service.get(`notifications/requests/${id}`)).body, { timeout: 20_000 })
    .toMatchObject({ status: 'sent' });

describe('a notification request', () => {
  it('notifies people by id and username, each once, and lists unknown people', async () => {
    const stranger = await api.build.member();
    const users = [ann.id, theo.username, ann.username, stranger.id, 'nobody', uuid()];
    const answer = await service.post('notifications', { to: { users }, ...notice, data: { a: 1 } });
    expect(answer).toMatchObject({
      status: 202,
      body: { status: 'sent', recipients: 2, unknown_users: [stranger.id, 'nobody', users[5]] },
    });
    for (const member of [ann, theo]) {
      expect(await feedOf(member)).toMatchObject([{ ...notice, data: { a: 1 } }]);
    }
    expect(await feedOf(stranger)).toEqual([]);
  });

  it('notifies all people with a role, or everyone, in the background', async () => {
    const toRole = await service.post('notifications', { to: { role: 'therapist' }, ...notice });
    expect(toRole).toMatchObject({ status: 202, body: { status: 'sending', recipients: null } });
    await finished(toRole.body.id);
    expect((await feedOf(theo)).length).toBe(1);
    expect(await feedOf(ann)).toEqual([]);
    const toAll = await service.post('notifications', { to: { everyone: true }, ...notice });
    await finished(toAll.body.id);
    expect((await service.get(`notifications/requests/${toAll.body.id}`)).body).toMatchObject({
      recipients: 2,
      notified: 2,
      finished_at: expect.any(String),
    });
    expect([(await feedOf(theo)).length, (await feedOf(ann)).length]).toEqual([2, 1]);
  });

  it('notifies once if it is repeated with one Idempotency-Key', async () => {
    const client = service.with({ 'Idempotency-Key': 'news' });
    const answers = [];
    for (let time = 0; time < 3; time++)
      answers.push(await client.post('notifications', { to: { users: [ann.id] }, ...notice }));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await feedOf(ann)).toHaveLength(1);
  });

  it('can be scheduled, and retracted before and after it is sent', async () => {
    const later = await service.post('notifications', {
      to: { users: [ann.id] },
      ...notice,
      deliver_at: '2099-01-01T00:00:00Z',
    });
    expect(later.body).toMatchObject({ status: 'scheduled', recipients: 1 });
    expect(await feedOf(ann)).toEqual([]);
    expect((await service.delete(`notifications/requests/${later.body.id}`)).status).toBe(204);
    await api.database.query(`UPDATE outbox SET run_at = now() WHERE type = 'notification.requested'`);
    const waiting = () => api.database.query('SELECT FROM outbox');
    await expect.poll(waiting, { timeout: 10_000 }).toEqual([]);
    expect(await feedOf(ann)).toEqual([]);

    const sent = await service.post('notifications', { to: { users: [ann.id] }, ...notice });
    expect(await feedOf(ann)).toHaveLength(1);
    await service.delete(`notifications/requests/${sent.body.id}`);
    await expect.poll(() => feedOf(ann), { timeout: 10_000 }).toEqual([]);
    expect((await service.get(`notifications/requests/${sent.body.id}`)).body.status).toBe('retracted');
  });

  it('notifies at the scheduled time', async () => {
    const at = new Date(Date.now() + 1500);
    await service.post('notifications', {
      to: { users: [ann.id] },
      ...notice,
      deliver_at: at.toISOString(),
    });
    expect(await feedOf(ann)).toEqual([]);
    await expect.poll(async () => (await feedOf(ann)).length, { timeout: 10_000, interval: 50 }).toBe(1);
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
  });

  it.each([
    ['nobody', { to: {} }, 'to'],
    ['two audiences', { to: { role: 'user', everyone: true } }, 'to'],
    ['not everyone', { to: { everyone: false } }, 'to.everyone'],
    ['an unknown role', { to: { role: 'plumber' } }, 'to.role'],
    ['an audience that is a string', { to: 'all' }, 'to'],
    ['a type too long', { type: 'X'.repeat(51) }, 'type'],
    ['a title of 256', { title: 'x'.repeat(256) }, 'title'],
    ['no body', { body: undefined }, 'body'],
    ['data of more than 16 kB', { data: { x: 'x'.repeat(16_400) } }, 'data'],
    ['data that is a list', { data: [] }, 'data'],
    ['an invalid action_url', { action_url: 'javascript:alert(1)' }, 'action_url'],
    ['a time that has passed', { deliver_at: '2020-01-01T00:00:00Z' }, 'deliver_at'],
    ['an unknown priority', { priority: 'high' }, 'priority'],
    [
      'an end before its start',
      { deliver_at: '2099-01-02T00:00:00Z', expires_at: '2099-01-01T00:00:00Z' },
      'expires_at',
    ],
  ])('is refused with %s, naming the field', async (_what, change, field) => {
    const answer = await service.post('notifications', { to: { users: [ann.id] }, ...notice, ...change });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(await feedOf(ann)).toEqual([]);
  });

  it('is not found by another organization', async () => {
    const { body } = await service.post('notifications', { to: { users: [ann.id] }, ...notice });
    const other = await api.build.service(await api.build.organization(), ['notifications:send']);
    expect((await other.get(`notifications/requests/${body.id}`)).status).toBe(404);
    expect((await other.delete(`notifications/requests/${body.id}`)).status).toBe(404);
    expect(await feedOf(ann)).toHaveLength(1);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

const api = useApi();

let bob: TestMember;
let asAnn: Client;
let asBob: Client;
let admin: Client;
let service: Client;

beforeEach(async () => {
  const { organization, admin: client } = await api.build.organizationWithAdmin();
  admin = client;
  const ann = await api.build.member({ organization });
  bob = await api.build.member({ organization });
  [asAnn, asBob] = [await api.as(ann), await api.as(bob)];
  service = await api.build.service(organization, ['notifications:send']);
});

/** What has been decided for the newest notification that was written for Bob, shown or not. */
async function decided(): Promise<Record<string, { value: string; rule: string; delayed_until: string }>> {
  const [row] = await api.database.query<{ decisions: never }>(
    'SELECT decisions FROM notifications WHERE user_id = $1 ORDER BY seq DESC LIMIT 1',
    [bob.id],
  );
  return row!.decisions;
}

const written = async () =>
  (await api.database.query('SELECT FROM notifications WHERE user_id = $1', [bob.id])).length;

async function send(): Promise<void> {
  const before = await written();
  await asAnn.post('messages/send', { recipient: bob.id, content: 'hello' });
  await expect.poll(written, { timeout: 5000, interval: 10 }).toBe(before + 1);
}

const shown = async () => (await asBob.get('notifications/unread-count')).body.unread_count as number;

describe('preferences', () => {
  it('of a person decide what their feed shows, and are also resolved for hidden notifications', async () => {
    await asBob.patch('preferences', { types: { MESSAGE: { in_app: 'off' } } });
    await send();
    expect(await shown()).toBe(0);
    expect((await decided())['in_app']).toMatchObject({
      value: 'off',
      rule: 'person.organization.types.MESSAGE.in_app',
    });
    await asBob.patch('preferences', { types: { MESSAGE: { in_app: null } } });
    await send();
    expect(await shown()).toBe(1);
  });

  it('of an organization apply at once to people without a choice of their own', async () => {
    await admin.patch('admin/preferences', { types: { MESSAGE: { in_app: 'off' } } });
    await send();
    expect(await shown()).toBe(0);
    await asBob.patch('preferences', { channels: { in_app: 'on' } });
    await send();
    expect(await shown()).toBe(1);
    expect((await decided())['in_app']).toMatchObject({ rule: 'person.organization.channels.in_app' });
  });

  it('are explained per channel with the deciding rule and the delay', async () => {
    await asBob.patch('preferences', { paused_until: '2099-01-01T00:00:00Z', channels: { email: 'on' } });
    await send();
    const { body } = await asBob.get('notifications?limit=1');
    const explained = (await asBob.get(`notifications/${body.data[0].id}/explanation`)).body;
    expect(explained.channels).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          channel: 'in_app',
          value: 'on',
          rule: 'type.default',
          delayed_until: null,
        }),
        expect.objectContaining({
          channel: 'email',
          value: 'on',
          source: 'person.organization',
          rule: 'person.organization.channels.email',
          delayed_until: '2099-01-01T00:00:00.000Z',
          delayed_by: 'person.organization.paused_until',
        }),
      ]),
    );
    expect(explained.channels).toHaveLength(5);
  });

  it('are explained for notifications outside the feed, which status=suppressed lists', async () => {
    await asBob.patch('preferences', { channels: { in_app: 'off' } });
    await send();
    const { body } = await asBob.get('notifications?status=suppressed&limit=1');
    const { id } = body.data[0] as { id: string };
    expect((await asBob.get(`notifications/${id}`)).status).toBe(404);
    const explained = await asBob.get(`notifications/${id}/explanation`);
    expect(explained.body.channels[0]).toMatchObject({
      channel: 'in_app',
      value: 'off',
      rule: 'person.organization.channels.in_app',
    });
  });

  it('of several recipients are each person’s own, and so are muted threads', async () => {
    const others = [1, 2, 3].map(() => api.build.member({ organization: bob.organization }));
    const [carol, dan, eve] = await Promise.all(others);
    const participants = [bob, carol!, dan!, eve!].map(({ id }) => id);
    const { body: thread } = await asAnn.post('messages/threads', {
      participant_ids: participants,
      subject: 'Us',
    });
    await asBob.patch('preferences', { types: { MESSAGE: { in_app: 'off' } } });
    const path = `messages/threads/${thread.id}`;
    await (await api.as(dan!)).patch(path, { muted_until: '2099-01-01T00:00:00Z' });
    const { body: message } = await asAnn.post(`${path}/messages`, { content: 'hello' });
    const rules = async () => {
      const rows = await api.database.query<{ user_id: string; rule: string }>(
        `SELECT user_id, decisions #>> '{in_app,rule}' AS rule FROM notifications WHERE source_id = $1`,
        [message.id],
      );
      return Object.fromEntries(rows.map(({ user_id, rule }) => [user_id, rule]));
    };
    await expect.poll(rules, { timeout: 5000, interval: 10 }).toEqual({
      [bob.id]: 'person.organization.types.MESSAGE.in_app',
      [carol!.id]: 'type.default',
      [dan!.id]: 'thread.muted',
      [eve!.id]: 'type.default',
    });
  });

  it('do not delay urgent notifications', async () => {
    await asBob.patch('preferences', { paused_until: '2099-01-01T00:00:00Z' });
    const urgent = { type: 'SYSTEM', title: 'Now', body: 'x', priority: 'urgent' };
    await service.post('notifications', { to: { users: [bob.id] }, ...urgent });
    const { realtime } = await decided();
    expect(realtime).toMatchObject({ value: 'on' });
    expect(realtime).not.toHaveProperty('delayed_until');
  });

  it('do not apply to mandatory channels', async () => {
    const recall = {
      default_channels: { in_app: 'on' },
      mandatory_channels: ['in_app'],
      aggregation_window_seconds: 0,
      retention_days: 30,
    };
    expect((await admin.put('admin/notification-types/RECALL', recall)).status).toBe(201);
    await asBob.patch('preferences', { channels: { in_app: 'off' } });
    const notice = { type: 'RECALL', title: 'Recall', body: 'x' };
    expect((await service.post('notifications', { to: { users: [bob.id] }, ...notice })).status).toBe(202);
    expect(await shown()).toBe(1);
    expect((await decided())['in_app']).toMatchObject({ rule: 'mandatory' });
  });

  it('exist for known types, and a request with another gets 400', async () => {
    const answer = await service.post('notifications', {
      to: { users: [bob.id] },
      type: 'UNHEARD_OF',
      title: 'x',
      body: 'x',
    });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'type' }] } });
  });
});

describe('a muted thread', () => {
  it('suppresses its notifications, and the explanation says so', async () => {
    await send();
    const { body } = await asBob.get('messages/threads');
    await asBob.patch(`messages/threads/${body.data[0].id}`, { muted_until: '2099-01-01T00:00:00Z' });
    await send();
    expect(await shown()).toBe(1);
    const decisions = await decided();
    for (const channel of ['in_app', 'realtime', 'email', 'web_push', 'webhook']) {
      expect(decisions[channel], channel).toMatchObject({ value: 'off', rule: 'thread.muted' });
    }
  });
});

describe('notifications with one group_key', () => {
  it('are grouped within the aggregation window of their type', async () => {
    const bill = { to: { users: [bob.id] }, type: 'BILLING', title: 'x', body: 'x', group_key: 'invoices' };
    for (let number = 0; number < 3; number++) await service.post('notifications', bill);
    await service.post('notifications', { ...bill, group_key: 'others' });
    const { data } = (await asBob.get('notifications?grouped=true')).body;
    expect(data).toMatchObject([{ count: 1 }, { count: 3 }]);
  });
});

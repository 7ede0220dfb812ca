import { v7 as uuid } from 'uuid';
import { expect, it } from 'vitest';
import {
  type TidingsServer,
  type WebhookEvent,
  type WebhookNotification,
  createTidingsServer,
  verifyWebhook,
} from '@tidings/client/server';
import { useReceivers } from '../delivery/receiver.js';
import { portOf } from '../realtime/client.js';
import { PLATFORM_KEY, useApi } from '../support/api.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

const serverWith = (apiKey: string): TidingsServer =>
  createTidingsServer({ url: `http://127.0.0.1:${portOf(api)}`, apiKey });

/** An organization, made with the platform key, and a back end with an API key of it. */
async function backEnd(scopes: Parameters<TidingsServer['apiKeys']['create']>[0]['scopes']) {
  const organizationId = uuid();
  const platform = serverWith(PLATFORM_KEY);
  await platform.organizations.put(organizationId, { name: 'Hillside Homes' });
  const { secret } = await platform.in(organizationId).apiKeys.create({ name: 'back end', scopes });
  return { organizationId, platform: platform.in(organizationId), server: serverWith(secret!) };
}

/** Creates a member with a new id, and returns that. */
async function member(server: TidingsServer, username: string): Promise<string> {
  const { id } = await server.members.put(uuid(), { username, display_name: username, role: 'user' });
  return id;
}

/** What the types say of the notification of a webhook. */
const FIELDS = Object.keys({
  id: 1,
  organization_id: 1,
  user_id: 1,
  type: 1,
  title: 1,
  body: 1,
  data: 1,
  action_url: 1,
  priority: 1,
  actor_id: 1,
  aggregation_id: 1,
  created_at: 1,
  expires_at: 1,
} satisfies Record<keyof WebhookNotification, 1>);

it('a back end notifies its members, and verifies the webhooks that it receives, before and after a rotation', async () => {
  const { organizationId, server } = await backEnd([
    'members:manage',
    'notifications:send',
    'webhooks:manage',
  ]);
  const nora = await member(server, 'nora');
  const receiver = await receive();
  const { id, secret } = await server.webhooks.create({ url: receiver.url, types: ['BILLING'] });

  const arrived = async (count: number, secrets: string[]): Promise<WebhookEvent> => {
    await expect.poll(() => receiver.received.length).toBe(count);
    const { headers, text } = receiver.received.at(-1)!;
    return verifyWebhook({ secrets, headers, body: text });
  };
  const notification = { to: { users: ['nora'] }, type: 'BILLING', title: 'Invoice', body: 'Thank you.' };
  const first = await server.notifications.send(notification, { idempotencyKey: 'invoice-1' });
  const again = await server.notifications.send(notification, { idempotencyKey: 'invoice-1' });
  expect(again).toEqual(first);
  const event = await arrived(1, [secret!]);
  expect(event).toMatchObject({
    id: receiver.received[0]!.headers['webhook-id'],
    type: 'notification.created',
    data: { organization_id: organizationId, user_id: nora, title: 'Invoice' },
  });
  expect(Object.keys(event.data).toSorted()).toEqual(FIELDS.toSorted());

  const { secret: rotated } = await server.webhooks.update(id, { rotate_secret: true });
  expect(await server.webhooks.test(id)).toMatchObject({ status: 'delivered' });
  const test = { type: 'webhook.test', data: { organization_id: organizationId, webhook_id: id } };
  expect(await arrived(2, [secret!])).toMatchObject(test);
  expect(await arrived(2, [rotated!])).toMatchObject(test);
  await server.webhooks.delete(id);
});

it('a back end writes and reads on behalf of a person, which the audit log records', async () => {
  const { server } = await backEnd(['act_as', 'audit:read', 'members:manage']);
  const nora = await member(server, 'nora');
  await member(server, 'sam');
  const { thread_id } = await server.as('sam').messages.send({ recipient: 'nora', content: 'Hello' });
  const { messages } = await server.as(nora).threads.get(thread_id);
  expect(messages).toMatchObject([{ content: 'Hello', is_read: false }]);
  expect(await server.as(nora).messages.unreadCount()).toEqual({ unread_count: 1, unread_threads: 1 });
  const { data } = await server.audit.list({ limit: 100 });
  expect(data.filter(({ action }) => action === 'act_as').length).toBeGreaterThan(1);
});

it('a back end sees with a reason, and is refused what its key does not permit', async () => {
  const { server, platform } = await backEnd(['act_as', 'members:manage', 'messages:monitor']);
  await member(server, 'nora');
  await member(server, 'sam');
  await server.as('sam').messages.send({ recipient: 'nora', content: 'Hello' });
  const { data } = await server.oversight.threads('Beschwerde “№ 7”', { person: 'sam' });
  expect(data).toMatchObject([{ kind: 'direct', message_count: 1 }]);
  const entries = await platform.audit.list();
  expect(entries.data).toContainEqual(
    expect.objectContaining({ action: 'threads.list', reason: 'Beschwerde “№ 7”' }),
  );
  await expect(server.stats.get()).rejects.toMatchObject({ status: 403, code: 'forbidden' });
  expect(await platform.stats.get()).toMatchObject({ members: 2, threads: 1 });
});

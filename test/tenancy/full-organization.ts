import { v7 as uuid } from 'uuid';
import { Browser } from '../delivery/browser.js';
import type { Client, TestApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

/** An organization with at least one row in every tenant table. */
export interface FullOrganization {
  organization: TestOrganization;
  /** An admin, whose each row is that belongs to a person. */
  owner: Person;
  other: Person;
  /** Of its rows, as routes have them in their paths; the id of the owner is not among them. */
  ids: Record<string, string>;
}

/** The owner has this user id, so that the same person can be in several organizations. */
export async function fillOrganization(api: TestApi, ownerId: string = uuid()): Promise<FullOrganization> {
  const organization = await api.build.organization();
  const owner = await person(api, organization, { id: ownerId, role: 'admin' });
  const other = await person(api, organization);
  const conversation = await converse(owner, other, await person(api, organization));
  const settings = await configure(api, organization, owner.client);
  const queues = await fillQueues(api, owner, other);
  const ids = { organization: organization.id, person: other.id, username: other.username };
  return { organization, owner, other, ids: { ...ids, ...conversation, ...settings, ...queues } };
}

async function converse(owner: Person, other: Person, blocked: Person) {
  const { message_id: hidden, thread_id: direct } = await send(owner, other, 'Secret, once');
  const { message_id: received } = await send(other, owner, 'Secret reply');
  await owner.client.patch(`messages/${hidden}`, { content: 'Secret' });
  await owner.client.post(`messages/threads/${direct}/read`);
  await owner.client.delete(`messages/${hidden}`);
  const group = await startGroup(owner, [other, blocked]);
  const posted = await post(owner, group, 'Secret, once');
  await owner.client.patch(`messages/${posted}`, { content: 'Secret' });
  await owner.client.patch(`messages/threads/${group}`, { subject: 'Secret' });
  await owner.client.post(`messages/users/${blocked.id}/block`);
  return { direct, received, group, posted, blocked: blocked.id };
}

async function configure(api: TestApi, organization: TestOrganization, admin: Client) {
  const rules = [{ from_role: 'user', to_role: 'admin', allows: 'initiate' }];
  await admin.put('admin/messaging-rules', { rules, delete_window_hours: 5 });
  await admin.put('admin/roles/secret', { permissions: [] });
  await admin.put('admin/notification-types/SECRET', { default_channels: {} });
  for (const path of ['admin/preferences', 'preferences', 'preferences?scope=global'])
    await admin.patch(path, { channels: { email: 'off' } });
  await admin.get('preferences/push-subscriptions');
  const subscription = await admin.put(
    'preferences/push-subscriptions',
    new Browser('https://push.example').subscription,
  );
  const webhook = await admin.post('admin/webhooks', { url: 'https://secret.example' });
  const key = await api.build.key(organization, ['audit:read']);
  return {
    role: 'secret',
    type: 'SECRET',
    subscription: subscription.body.id as string,
    webhook: webhook.body.id as string,
    key: key.id,
  };
}

/** What waits, and what the worker would make of it. Nothing of it is due, so that a worker leaves it as it is. */
async function fillQueues({ database }: TestApi, owner: Person, other: Person) {
  const to = { users: [owner.id] };
  const later = { to, type: 'SYSTEM', title: 'Secret', body: 'Secret', deliver_at: '2099-01-01T00:00:00Z' };
  const { body: request } = await owner.client
    .with({ 'Idempotency-Key': 'secret' })
    .post('notifications', later);
  const organizationId = owner.organization.id;
  const [notification, delivery, deadLetter] = [uuid(), uuid(), uuid()];
  const insert = (table: string, columns: string, values: unknown[]) =>
    database.query(
      `INSERT INTO ${table} (organization_id, ${columns})
       VALUES ($1, ${values.map((_, index) => `$${index + 2}`).join(', ')})`,
      [organizationId, ...values],
    );
  // Messages that were sent have numbers in the feed already.
  await database.query('UPDATE feeds SET last_seq = 1000 WHERE user_id = $1', [owner.id]);
  await insert(
    'notifications',
    'user_id, seq, id, source_id, type, title, body, priority, actor_id, decisions',
    [owner.id, 1000, notification, uuid(), 'SYSTEM', 'Secret', 'Secret', 'normal', other.id, {}],
  );
  await insert('deliveries', 'id, notification_id, user_id, channel, target_id, status, due_at', [
    delivery,
    notification,
    owner.id,
    'email',
    owner.id,
    'failed',
    new Date(),
  ]);
  await insert('dead_letters', 'id, type, payload, attempts, created_at', [
    deadLetter,
    'member.joined',
    { user_id: owner.id },
    12,
    new Date(),
  ]);
  await insert('act_as_reads', 'key_id, user_id, route, noted_at', [uuid(), owner.id, 'GET me', new Date()]);
  return { request: request.id as string, notification, delivery, deadLetter };
}

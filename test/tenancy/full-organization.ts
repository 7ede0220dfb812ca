import { v7 as uuid } from 'uuid';
import { CHANNELS } from '#preferences';
import { Browser } from '../delivery/browser.js';
import type { TestApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

/** An organization with at least one row in every tenant table. */
export interface FullOrganization {
  organization: TestOrganization;
  /** An admin, to whom a row of each kind belongs that belongs to people. */
  owner: Person;
  other: Person;
  stranger: Person;
  /** By the owner. */
  blocked: Person;
  /** A group that all three are in. */
  group: string;
  /** Of the browser of the owner. */
  endpoint: string;
  /** Of its rows, as routes have them in their paths, but for those of owner, other and blocked. */
  ids: string[];
  /** The same where people choose the names. */
  names: string[];
}

interface Given {
  /** These can have the user ids of members of another organization, so that these people are in both. */
  ownerId?: string;
  otherId?: string;
  blockedId?: string;
  /** Part of each text and name that somebody writes. */
  mark?: string;
}

export async function fillOrganization(
  api: TestApi,
  { ownerId = uuid(), otherId = uuid(), blockedId = uuid(), mark = 'Riverbank' }: Given = {},
): Promise<FullOrganization> {
  const organization = await api.build.organization();
  const owner = await person(api, organization, { id: ownerId, role: 'admin' });
  const other = await person(api, organization, { id: otherId });
  const stranger = await person(api, organization);
  const blocked = await person(api, organization, { id: blockedId });
  const people = { organization, owner, other, stranger, blocked };
  const [group, ...conversation] = await converse(people, mark);
  const names = [mark.toLowerCase(), mark.toUpperCase()] as const;
  const ids = [organization.id, stranger.id, group, ...conversation];
  ids.push(...(await configure(api, owner, names)), ...(await fillQueues(api, owner, other, mark)));
  return { ...people, group, endpoint: endpointOf(names[0]), ids, names: [stranger.username, ...names] };
}

const endpointOf = (name: string) => `https://${name}.example/push`;

type People = Pick<FullOrganization, 'owner' | 'other' | 'stranger' | 'blocked'>;

async function converse(
  { owner, other, stranger, blocked }: People,
  mark: string,
): Promise<[string, ...string[]]> {
  const { message_id: hidden, thread_id: direct } = await send(owner, other, `${mark}, once`);
  const { message_id: received } = await send(other, owner, mark);
  await owner.client.patch(`messages/${hidden}`, { content: mark });
  await owner.client.post(`messages/threads/${direct}/read`);
  await owner.client.delete(`messages/${hidden}`);
  const group = await startGroup(owner, [other, stranger]);
  const posted = await post(owner, group, `${mark}, once`);
  await owner.client.patch(`messages/${posted}`, { content: mark });
  await owner.client.patch(`messages/threads/${group}`, { subject: mark });
  for (const { id } of [stranger, blocked]) await owner.client.post(`messages/users/${id}/block`);
  return [group, direct, received, posted];
}

async function configure(
  api: TestApi,
  { organization, client }: Person,
  [role, type]: readonly [string, string],
): Promise<string[]> {
  const rules = [{ from_role: 'user', to_role: 'admin', allows: 'initiate' }];
  await client.put('admin/messaging-rules', { rules, delete_window_hours: 5 });
  await client.put(`admin/roles/${role}`, { permissions: [] });
  await client.put(`admin/notification-types/${type}`, { default_channels: {} });
  for (const path of ['admin/preferences', 'preferences', 'preferences?scope=global'])
    await client.patch(path, { channels: { email: 'off' } });
  const browser = { ...new Browser('').subscription, endpoint: endpointOf(role) };
  await client.get('preferences/push-subscriptions');
  const subscription = await client.put('preferences/push-subscriptions', browser);
  const webhook = await client.post('admin/webhooks', { url: `https://${role}.example` });
  const key = await api.build.key(organization, ['audit:read'], { name: role });
  return [subscription.body.id as string, webhook.body.id as string, key.id];
}

/** What waits for the worker, and what it leaves. None of it is due, so that a worker does not change it. */
async function fillQueues(
  { database }: TestApi,
  { id: userId, organization, client }: Person,
  { id: actorId }: Person,
  mark: string,
): Promise<string[]> {
  const content = { type: 'SYSTEM', title: mark, body: mark };
  const later = { to: { users: [userId] }, ...content, deliver_at: '2099-01-01T00:00:00Z' };
  const request = await client.with({ 'Idempotency-Key': mark }).post('notifications', later);
  const [notificationId, deliveryId, deadLetterId] = [uuid(), uuid(), uuid()];
  const insert = (table: string, row: object) => insertRow(database, table, organization, row);
  const decision = {
    value: 'on',
    source: 'type',
    rule: 'type.default',
    delayed_until: null,
    delayed_by: null,
  };
  const decisions = Object.fromEntries(CHANNELS.map((channel) => [channel, decision]));
  // Messages that were sent have numbers in the feed already.
  await database.query('UPDATE feeds SET last_seq = 1000 WHERE user_id = $1', [userId]);
  const shown = { ...content, seq: 1000, id: notificationId, source_id: uuid(), priority: 'normal' };
  await insert('notifications', { ...shown, user_id: userId, actor_id: actorId, decisions });
  const address = { user_id: userId, channel: 'email', target_id: userId };
  const due = { id: deliveryId, notification_id: notificationId, status: 'failed', due_at: new Date() };
  await insert('deliveries', { ...due, ...address });
  const event = { type: 'member.joined', payload: { user_id: userId }, created_at: new Date() };
  await insert('dead_letters', { id: deadLetterId, ...event, attempts: 12 });
  const seen = { user_id: userId, last_seen_at: new Date() };
  await insert('presence', { ...seen, process_id: uuid(), state: 'offline' });
  await insert('presence_at_block', { ...seen, viewer_id: actorId });
  await insert('act_as_reads', { key_id: uuid(), user_id: userId, route: 'GET me', noted_at: new Date() });
  return [request.body.id as string, notificationId, deliveryId, deadLetterId];
}

async function insertRow(
  database: TestApi['database'],
  table: string,
  { id }: TestOrganization,
  row: object,
): Promise<void> {
  const values = [id, ...(Object.values(row) as unknown[])];
  await database.query(
    `INSERT INTO ${table} (${['organization_id', ...Object.keys(row)].join(', ')})
     VALUES (${values.map((_, index) => `$${index + 1}`).join(', ')})`,
    values,
  );
}

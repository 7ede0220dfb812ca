import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import { type Person, person, send, startGroup } from '../support/people.js';
import { POLLING } from './notices.js';
import { type Receiver, useReceivers } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let organization: TestOrganization;
let admin: Client;
let receiver: Receiver;
let [ann, bob]: Person[] = [];

beforeEach(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
  await admin.put('admin/roles/monitor', { permissions: ['webhooks:manage', 'messages:monitor'] });
  await admin.put('admin/roles/hooks', { permissions: ['webhooks:manage'] });
  ann = await person(api, organization, { display_name: 'Ann Author' });
  bob = await person(api, organization);
  receiver = await receive();
});

const turnOn = () => admin.patch('admin/preferences', { types: { MESSAGE: { webhook: 'on' } } });

const withRole = async (role: string): Promise<TestMember & { client: Client }> =>
  person(api, organization, { role });

async function hook(client: Client): Promise<{ id: string; includes_message_content: boolean }> {
  const { status, text, body } = await client.post('admin/webhooks', { url: receiver.url });
  expect(status, text).toBe(201);
  return body;
}

/** What the endpoint is sent of the next message. */
async function sentOf(content: string): Promise<Record<string, any>> {
  const known = receiver.received.length;
  await send(ann!, bob!, content);
  await expect.poll(() => receiver.received.length, POLLING).toBe(known + 1);
  return receiver.received.at(-1)!.body.data;
}

const FULL = { title: 'Ann Author', body: 'It hurts again.' };
const NEUTRAL = { title: 'New message', body: '', action_url: null };

describe('a webhook of a message', () => {
  it('is sent only if the organization has turned it on', async () => {
    await hook(admin);
    await send(ann!, bob!, 'Between us.');
    await expect
      .poll(async () => (await bob!.client.get('notifications')).body.data, POLLING)
      .toHaveLength(1);
    const [{ id }] = (await bob!.client.get('notifications')).body.data;
    const { channels } = (await bob!.client.get(`notifications/${id}/explanation`)).body;
    expect(channels).toContainEqual(
      expect.objectContaining({ channel: 'webhook', value: 'off', rule: 'type.default' }),
    );
    await turnOn();
    expect(await sentOf('For the archive.')).toMatchObject({ body: 'For the archive.' });
    expect(receiver.received).toHaveLength(1);
  });

  it('contains the text if the person who set up the webhook has messages:monitor', async () => {
    await turnOn();
    const { client } = await withRole('monitor');
    expect(await hook(client)).toMatchObject({ includes_message_content: true });
    expect(await sentOf(FULL.body)).toMatchObject({ type: 'MESSAGE', ...FULL });
  });

  it('contains ids only if the person who set up the webhook lacks messages:monitor', async () => {
    await turnOn();
    const { client } = await withRole('hooks');
    expect(await hook(client)).toMatchObject({ includes_message_content: false });
    const sent = await sentOf(FULL.body);
    expect(sent).toMatchObject({ type: 'MESSAGE', ...NEUTRAL, user_id: bob!.id, actor_id: ann!.id });
    expect(Object.keys(sent['data']).toSorted()).toEqual(['message_id', 'sender_id', 'thread_id']);
    expect(receiver.received[0]!.text).not.toMatch(/Ann Author|hurts/);
  });

  it('names neither a group nor who adds to it if the endpoint gets no content', async () => {
    await turnOn();
    await hook((await withRole('hooks')).client);
    await startGroup(ann!, [bob!]);
    await expect.poll(() => receiver.received.length, POLLING).toBe(1);
    const { text, body } = receiver.received[0]!;
    expect(body.data).toMatchObject({ type: 'MESSAGE', title: 'New conversation', body: '' });
    expect(text).not.toMatch(/Group|Ann Author/);
  });

  it.each<[string, (of: TestMember) => Promise<unknown>]>([
    ['is removed', ({ id }) => admin.delete(`members/${id}`)],
    [
      'gets another role',
      ({ id, username, display_name }) =>
        admin.put(`members/${id}`, { username, display_name, role: 'hooks' }),
    ],
    [
      'has a role that loses the permission',
      () => admin.put('admin/roles/monitor', { permissions: ['webhooks:manage'] }),
    ],
  ])('has no content as soon as the person who set up the webhook %s', async (_what, change) => {
    await turnOn();
    const monitor = await withRole('monitor');
    const { id } = await hook(monitor.client);
    expect(await sentOf('Before.')).toMatchObject({ body: 'Before.' });
    await change(monitor);
    expect(await sentOf('After.')).toMatchObject(NEUTRAL);
    expect((await admin.get('admin/webhooks')).body.data).toMatchObject([
      { id, includes_message_content: false },
    ]);
  });

  it('has no content for a person who left and is a member again, until they set the webhook again', async () => {
    await turnOn();
    const { id: userId, username, display_name, role, client } = await withRole('monitor');
    const { id } = await hook(client);
    await admin.delete(`members/${userId}`);
    await admin.put(`members/${userId}`, { username, display_name, role });
    expect(await sentOf('Between us.')).toMatchObject(NEUTRAL);
    const { body } = await client.patch(`admin/webhooks/${id}`, { url: receiver.url });
    expect(body).toMatchObject({ includes_message_content: true });
    expect(await sentOf('With consent.')).toMatchObject({ body: 'With consent.' });
  });

  it('keeps its content if only the names of the person who set up the webhook change', async () => {
    await turnOn();
    const { id: userId, username, role, client } = await withRole('monitor');
    await hook(client);
    await admin.put(`members/${userId}`, { username, display_name: 'Another name', role });
    expect(await sentOf('Still there.')).toMatchObject({ body: 'Still there.' });
  });

  it('has no content once the key that set up the webhook is revoked or has expired', async () => {
    await turnOn();
    const key = await api.build.key(organization, ['webhooks:manage', 'messages:monitor']);
    await hook(api.withKey(key.secret));
    expect(await sentOf('Before.')).toMatchObject({ body: 'Before.' });
    const set = (change: string) =>
      api.database.query(`UPDATE api_keys SET ${change} WHERE id = $1`, [key.id]);
    await set(`expires_at = now() - interval '1 second'`);
    expect(await sentOf('Expired.')).toMatchObject(NEUTRAL);
    await set('expires_at = NULL');
    expect(await sentOf('Again.')).toMatchObject({ body: 'Again.' });
    await admin.delete(`admin/api-keys/${key.id}`);
    expect(await sentOf('Revoked.')).toMatchObject(NEUTRAL);
  });

  it('has content after set-up on behalf of a person only while service and person have messages:monitor', async () => {
    await turnOn();
    const scopes = ['act_as', 'webhooks:manage'];
    const monitor = await withRole('monitor');
    const narrow = (await api.build.service(organization, scopes)).with({ 'X-On-Behalf-Of': monitor.id });
    expect(await hook(narrow)).toMatchObject({ includes_message_content: false });
    const wide = await api.build.service(organization, [...scopes, 'messages:monitor']);
    expect(await hook(wide.with({ 'X-On-Behalf-Of': monitor.id }))).toMatchObject({
      includes_message_content: true,
    });
    const { id } = await withRole('hooks');
    expect(await hook(wide.with({ 'X-On-Behalf-Of': id }))).toMatchObject({
      includes_message_content: false,
    });
    expect(await hook(api.platform(organization))).toMatchObject({ includes_message_content: true });
  });

  it.each([
    ['URL', () => ({ url: receiver.url })],
    ['types', () => ({ types: ['MESSAGE'] })],
  ])('has the content that the last person to set the %s may read', async (_what, change) => {
    await turnOn();
    const { id } = await hook(admin);
    const [hooks, monitor] = [await withRole('hooks'), await withRole('monitor')];
    const patch = async ({ client }: { client: Client }, given: object) =>
      (await client.patch(`admin/webhooks/${id}`, given)).body.includes_message_content as boolean;
    expect(await patch(hooks, { enabled: true, rotate_secret: true })).toBe(true);
    expect(await patch(hooks, change())).toBe(false);
    expect(await sentOf('Taken over?')).toMatchObject(NEUTRAL);
    expect(await patch(monitor, { enabled: true })).toBe(false);
    expect(await patch(monitor, change())).toBe(true);
  });

  it('has no content if nobody is recorded as having set up the endpoint', async () => {
    await turnOn();
    const { id } = await hook(admin);
    await api.database.query('UPDATE webhook_endpoints SET configured_by_kind = NULL WHERE id = $1', [id]);
    expect(await sentOf('Old endpoint.')).toMatchObject(NEUTRAL);
  });
});

it('sends other types with their content, whoever set up the webhook', async () => {
  await hook((await withRole('hooks')).client);
  const service = await api.build.service(organization, ['notifications:send']);
  const notice = { type: 'SYSTEM', title: 'Fire drill', body: 'At noon.', data: { ticket: uuid() } };
  await service.post('notifications', { to: { users: [bob!.id] }, ...notice });
  await expect.poll(() => receiver.received.length, POLLING).toBe(1);
  expect(receiver.received[0]!.body.data).toMatchObject(notice);
});

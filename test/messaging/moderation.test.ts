import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, post, send, sight, startGroup } from '../support/people.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let moderator: Person;
let ann: Person;
let ben: Person;
let group: string;
let message: string;

beforeEach(async () => {
  organization = await api.build.organization();
  await api.platform(organization).put('admin/roles/moderator', { permissions: ['messages:moderate'] });
  moderator = await person(api, organization, { role: 'moderator' });
  [ann, ben] = [await person(api, organization), await person(api, organization)];
  group = await startGroup(ann, [ben, await person(api, organization)]);
  await post(ann, group, 'Harmless');
  message = await post(ann, group, 'A private number');
});

const moderate = (
  id: string,
  body: object = { reason: 'A private number' },
  client: Client = moderator.client,
) => client.send('DELETE', `admin/messages/${id}`, body);
const entries = () =>
  api.database.query(
    `SELECT actor_kind, user_id, action, target_type, target_id, reason, details FROM audit_entries
     WHERE organization_id = $1 AND action = 'message.moderate' ORDER BY id`,
    [organization.id],
  );
const isThere = async () => (await sight(ben, [group])).histories[0]!.includes('A private number');

describe('deleting a message as moderator', () => {
  it('leaves everybody a message without content that is not unread', async () => {
    expect((await sight(ben, [group])).unreadOf).toEqual([2]);
    expect((await moderate(message)).status).toBe(204);
    for (const one of [ann, ben]) {
      const { histories, threads } = await sight(one, [group]);
      expect([histories, threads[0]!.last]).toEqual([[['Harmless', null]], null]);
    }
    expect(await sight(ben, [group])).toMatchObject({
      unreadOf: [1],
      unread: { unread_count: 1, unread_threads: 1 },
    });
    expect((await ann.client.patch(`messages/${message}`, { content: 'Again' })).status).toBe(409);
    expect((await ann.client.get(`messages/${message}/versions`)).body.data).toEqual([]);
  });

  it('is audited with moderator, message and reason, and keeps the text for oversight', async () => {
    await moderate(message);
    expect(await entries()).toEqual([
      {
        actor_kind: 'person',
        user_id: moderator.id,
        action: 'message.moderate',
        target_type: 'message',
        target_id: message,
        reason: 'A private number',
        details: { thread_id: group },
      },
    ]);
    const overseer = api.platform(organization).with({ 'X-Access-Reason': 'A test' });
    const { body } = await overseer.get(`admin/threads/${group}/messages`);
    expect(body.data[0]).toMatchObject({ id: message, content: 'A private number' });
  });

  it('works in direct threads, at any time, and for removed senders', async () => {
    const { message_id, thread_id } = await send(ann, ben, 'Long ago');
    await api.database.query(`UPDATE messages SET created_at = now() - interval '1 year' WHERE id = $1`, [
      message_id,
    ]);
    await api.platform(organization).delete(`members/${ann.id}`);
    expect((await moderate(message_id)).status).toBe(204);
    expect((await sight(ben, [thread_id])).histories).toEqual([[null]]);
  });

  it('requires a reason', async () => {
    expect(await moderate(message, {})).toMatchObject({ status: 400, body: { code: 'reason_required' } });
    for (const reason of ['', '   ', 7, 'x'.repeat(501)]) {
      const answer = await moderate(message, { reason });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } });
    }
    expect([await isThere(), await entries()]).toEqual([true, []]);
  });

  it('requires messages:moderate in this organization', async () => {
    await api.platform(organization).put('admin/roles/overseer', { permissions: ['messages:monitor'] });
    const overseer = await person(api, organization, { role: 'overseer' });
    for (const { client } of [ann, ben, overseer]) {
      expect((await moderate(message, undefined, client)).status).toBe(403);
    }
    const { admin: stranger } = await api.build.organizationWithAdmin();
    for (const [id, client] of [
      [message, stranger],
      [uuid(), moderator.client],
      [group, moderator.client],
    ] as const) {
      expect(await moderate(id, undefined, client)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    }
    expect([await isThere(), await entries()]).toEqual([true, []]);
    const service = await api.build.service(organization, ['messages:moderate']);
    expect((await moderate(message, undefined, service)).status).toBe(204);
    expect(await entries()).toMatchObject([{ actor_kind: 'service', user_id: null }]);
  });

  it('fails if it cannot be audited', async () => {
    await api.database.query('REVOKE INSERT ON audit_entries FROM tidings_request');
    try {
      expect((await moderate(message)).status).toBe(500);
    } finally {
      await api.database.query('GRANT INSERT ON audit_entries TO tidings_request');
    }
    expect(await isThere()).toBe(true);
    expect((await moderate(message)).status).toBe(204);
  });

  it('can be repeated, deletes once and is audited each time', async () => {
    const statuses = [(await moderate(message)).status, (await moderate(message)).status];
    expect(statuses).toEqual([204, 204]);
    expect(await entries()).toHaveLength(2);
    const events = await api.database.query(
      `SELECT payload FROM outbox WHERE type = 'message.deleted' AND organization_id = $1`,
      [organization.id],
    );
    expect(events).toEqual([{ payload: { thread_id: group, message_id: message, seq: 2, for: 'everyone' } }]);
    expect((await sight(ben, [group])).unreadOf).toEqual([1]);
  });
});

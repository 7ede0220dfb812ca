import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { deleteUser, recreate } from '../support/deletion.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

const api = useApi();

let organization: TestOrganization;
let [ann, bob, cas]: Person[] = [];

beforeEach(async () => {
  organization = await api.build.organization();
  [ann, bob, cas] = await Promise.all([1, 2, 3].map(() => person(api, organization)));
});

describe('a person who is deleted and created again with the same id', () => {
  it('can send messages and reads nothing of before, not even in raw SQL', async () => {
    const { thread_id: old } = await send(ann!, bob!, 'before ann was deleted');
    await send(bob!, ann!, 'answer from before');
    const group = await startGroup(bob!, [ann!, cas!]);
    await post(ann!, group, 'in the group, before');
    await deleteUser(api, ann!.id);
    expect((await recreate(api, ann!)).status).toBe(201);

    expect((await ann!.client.get(`messages/conversation/${bob!.id}`)).body.messages).toEqual([]);
    for (const id of [old, group]) expect((await ann!.client.get(`messages/threads/${id}`)).status).toBe(404);
    expect((await ann!.client.get('messages/threads')).body.data).toEqual([]);
    expect((await ann!.client.get('notifications')).body.data).toEqual([]);
    const tenant = { organizationId: organization.id, userId: ann!.id };
    for (const table of [
      'threads',
      'participants',
      'messages',
      'hidden_messages',
      'read_marks',
      'notifications',
    ])
      expect(
        await api.database.asRequestRole(tenant, (query) => query(`SELECT FROM ${table}`)),
        table,
      ).toEqual([]);

    const sent = await ann!.client.post('messages/send', { recipient: bob!.id, content: 'anew' });
    expect(sent.status).toBe(201);
    expect(sent.body.thread_id).not.toBe(old);
    const seen = await ann!.client.get(`messages/conversation/${bob!.id}`);
    expect((seen.body.messages as { content: string }[]).map(({ content }) => content)).toEqual(['anew']);
    expect((await send(bob!, ann!, 'welcome')).thread_id).toBe(sent.body.thread_id);
  });

  it('leaves the other person the old conversation, in which nobody can write', async () => {
    const { thread_id: old } = await send(ann!, bob!, 'before');
    await deleteUser(api, ann!.id);
    await recreate(api, ann!);
    const { body } = await bob!.client.get(`messages/threads/${old}`);
    expect(body.messages).toMatchObject([{ content: 'before', sender_id: null, sender: null }]);
    expect(body.participants.map((one: { user_id: string }) => one.user_id)).toEqual([bob!.id]);
    expect(await bob!.client.post(`messages/threads/${old}/messages`, { content: 'still?' })).toMatchObject({
      status: 403,
      body: { code: 'recipient_unavailable' },
    });
    expect((await bob!.client.get('messages/inbox')).body).toMatchObject({
      conversations: [{ thread_id: old, with_user: null, last_message: 'before' }],
      total_conversations: 1,
    });
  });
});

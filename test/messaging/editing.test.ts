import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import { deleteUser } from '../support/deletion.js';

const api = useApi();

let organization: TestOrganization;
let ann: TestMember;
let bob: TestMember;
let asAnn: Client;
let asBob: Client;
let threadId: string;

beforeEach(async () => {
  organization = await api.build.organization();
  ann = await api.build.member({ organization });
  bob = await api.build.member({ organization });
  [asAnn, asBob] = [await api.as(ann), await api.as(bob)];
  threadId = (await asAnn.post('messages/threads', { recipient_id: bob.id })).body.id as string;
});

const post = async (client: Client, content = 'hello') =>
  (await client.post(`messages/threads/${threadId}/messages`, { content })).body as { id: string };

const contents = async (client: Client) =>
  (await client.get(`messages/threads/${threadId}`)).body.messages.map(
    ({ content }: { content: string | null }) => content,
  ) as (string | null)[];

const deletedAt = async (id: string) =>
  (await api.database.query('SELECT deleted_at FROM messages WHERE id = $1', [id]))[0]!['deleted_at'];

describe('editing a message', () => {
  it('keeps the previous text with its time', async () => {
    const { id } = await post(asAnn, 'one');
    const sentAt = (await asAnn.get(`messages/threads/${threadId}`)).body.messages[0].sent_at as string;
    const edited = await asAnn.patch(`messages/${id}`, { content: 'two' });
    expect(edited).toMatchObject({
      status: 200,
      body: { id, content: 'two', edited_at: expect.any(String), sent_at: sentAt },
    });
    await asAnn.patch(`messages/${id}`, { content: 'three' });
    expect(await contents(asBob)).toEqual(['three']);
    expect((await asBob.get(`messages/${id}/versions`)).body).toEqual({
      data: [
        { version: 1, content: 'one', written_at: sentAt },
        { version: 2, content: 'two', written_at: edited.body.edited_at },
      ],
      next_cursor: null,
    });
  });

  it('is not an edit if it changes nothing', async () => {
    const { id } = await post(asAnn, 'same');
    expect((await asAnn.patch(`messages/${id}`, { content: 'same' })).body.edited_at).toBeNull();
    expect((await asAnn.get(`messages/${id}/versions`)).body.data).toEqual([]);
  });

  it('loses no version if edits are concurrent', async () => {
    const { id } = await post(asAnn, 'start');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, number) => asAnn.patch(`messages/${id}`, { content: `edit ${number}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    const { data } = (await asAnn.get(`messages/${id}/versions`)).body;
    const said: (string | null)[] = data.map(({ content }: { content: string }) => content);
    said.push(...(await contents(asAnn)));
    expect(new Set(said)).toEqual(new Set(['start', ...Array.from({ length: 10 }, (_, n) => `edit ${n}`)]));
    expect(said).toHaveLength(11);
  });

  it('answers 403 to the recipient and 404 to strangers', async () => {
    const { id } = await post(asAnn);
    const stranger = await api.as(await api.build.member({ organization }));
    expect((await asBob.patch(`messages/${id}`, { content: 'mine' })).status).toBe(403);
    expect((await stranger.patch(`messages/${id}`, { content: 'mine' })).status).toBe(404);
    expect((await stranger.get(`messages/${id}/versions`)).status).toBe(404);
    expect(await contents(asAnn)).toEqual(['hello']);
  });
});

describe('deleting a message for me', () => {
  it('hides it from the caller only, and uncounts it', async () => {
    const { id } = await post(asAnn, 'first');
    await post(asAnn, 'second');
    expect((await asBob.delete(`messages/${id}`)).status).toBe(204);
    expect(await contents(asBob)).toEqual(['second']);
    expect(await contents(asAnn)).toEqual(['first', 'second']);
    expect((await asBob.get('messages/unread-count')).body.unread_count).toBe(1);
    for (const again of [
      await asBob.delete(`messages/${id}`),
      await asBob.patch(`messages/${id}/read`),
      await asBob.get(`messages/${id}/versions`),
    ])
      expect(again.status).toBe(404);
    expect(await deletedAt(id)).toBeNull();
  });

  it('deletes it permanently if both do it, even concurrently', async () => {
    const { id } = await post(asAnn);
    const answers = await Promise.all([asAnn.delete(`messages/${id}`), asBob.delete(`messages/${id}`)]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
    expect(await deletedAt(id)).toBeInstanceOf(Date);
    expect([await contents(asAnn), await contents(asBob)]).toEqual([[], []]);
    expect((await asBob.get('messages/inbox')).body.conversations[0].last_message).toBeNull();
  });
});

describe('deleting a message for everyone', () => {
  const remove = (client: Client, id: string) => client.delete(`messages/${id}?scope=everyone`);

  it('leaves a message without content that is not unread', async () => {
    const { id } = await post(asAnn, 'secret');
    await asAnn.patch(`messages/${id}`, { content: 'secret too' });
    expect((await remove(asAnn, id)).status).toBe(204);
    for (const client of [asAnn, asBob]) expect(await contents(client)).toEqual([null]);
    expect((await asBob.get('messages/unread-count')).body).toEqual({ unread_count: 0, unread_threads: 0 });
    const { body: threads } = await asBob.get('messages/threads');
    expect(threads.data[0].last_message).toMatchObject({ id, preview: null });
    expect((await asBob.get('messages/inbox')).body.conversations[0].last_message).toBeNull();
    expect((await asBob.get(`messages/${id}/versions`)).body.data).toEqual([]);
    expect((await asAnn.patch(`messages/${id}`, { content: 'back' })).status).toBe(409);
    expect((await remove(asAnn, id)).status).toBe(204);
    expect(JSON.stringify((await asBob.get(`messages/threads/${threadId}`)).body)).not.toContain('secret');
  });

  it('is allowed to its sender within the configured hours', async () => {
    const { id } = await post(asAnn);
    expect((await remove(asBob, id)).status).toBe(403);
    await api.database.query(`UPDATE messages SET created_at = now() - interval '25 hours' WHERE id = $1`, [
      id,
    ]);
    expect((await remove(asAnn, id)).status).toBe(403);
    const rules = { rules: [], delete_window_hours: 26 };
    expect((await api.platform(organization).put('admin/messaging-rules', rules)).status).toBe(200);
    expect((await remove(asAnn, id)).status).toBe(204);
  });

  it('refuses an unknown scope', async () => {
    const { id } = await post(asAnn);
    expect(await asAnn.delete(`messages/${id}?scope=all`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'scope' }] },
    });
  });
});

describe('a deleted person', () => {
  it('leaves their messages without a sender', async () => {
    await post(asAnn, 'from bob later');
    await post(asBob, 'from bob');
    await deleteUser(api, bob.id);
    const thread = (await asAnn.get(`messages/threads/${threadId}`)).body;
    expect(thread.messages[1]).toMatchObject({ sender_id: null, sender: null, content: 'from bob' });
    expect((await asAnn.get('messages/inbox')).body.conversations).toMatchObject([
      { with_user: null, last_message: 'from bob', unread_count: 1 },
    ]);
    expect(await asAnn.post(`messages/threads/${threadId}/messages`, { content: 'still?' })).toMatchObject({
      status: 403,
      body: { code: 'recipient_unavailable' },
    });
  });
});

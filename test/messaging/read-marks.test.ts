import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

const api = useApi();

let ann: TestMember;
let bob: TestMember;
let asAnn: Client;
let asBob: Client;
let threadId: string;

beforeEach(async () => {
  const organization = await api.build.organization();
  ann = await api.build.member({ organization });
  bob = await api.build.member({ organization });
  [asAnn, asBob] = [await api.as(ann), await api.as(bob)];
  threadId = (await asAnn.post('messages/threads', { recipient_id: bob.id })).body.id as string;
});

const post = async (client: Client, content = 'hello') =>
  (await client.post(`messages/threads/${threadId}/messages`, { content })).body as { id: string };

const messagesOf = async (client: Client) =>
  (await client.get(`messages/threads/${threadId}`)).body.messages as {
    id: string;
    is_read: boolean;
    read_at: string | null;
    receipts: object[];
  }[];

describe('marking a message as read', () => {
  it('marks earlier ones too, keeps the first time, and shows the sender', async () => {
    const [first, second, third] = [await post(asAnn), await post(asAnn), await post(asAnn)];
    const read = await asBob.patch(`messages/${second.id}/read`);
    expect(read).toMatchObject({ status: 200, body: { message_id: second.id, is_read: true } });
    const again = await asBob.patch(`messages/${first.id}/read`);
    expect(again.body.read_at).toBe(read.body.read_at);
    await asBob.patch(`messages/${third.id}/read`);
    expect((await asBob.patch(`messages/${second.id}/read`)).body).toEqual(read.body);

    const seen = await messagesOf(asAnn);
    expect(seen.map(({ is_read }) => is_read)).toEqual([true, true, true]);
    expect(seen[0]).toMatchObject({
      read_at: read.body.read_at,
      receipts: [{ user_id: bob.id, read_at: read.body.read_at }],
    });
    expect(seen[2]!.read_at! > read.body.read_at).toBe(true);
    expect((await messagesOf(asBob)).map(({ read_at }) => read_at)).toEqual(
      seen.map(({ read_at }) => read_at),
    );
  });

  it('answers 403 to its sender and 404 to people outside the thread', async () => {
    const { id } = await post(asAnn);
    expect(await asAnn.patch(`messages/${id}/read`)).toMatchObject({
      status: 403,
      body: { code: 'not_recipient' },
    });
    const stranger = await api.as(await api.build.member({ organization: ann.organization }));
    expect((await stranger.patch(`messages/${id}/read`)).status).toBe(404);
    expect((await messagesOf(asBob))[0]).toMatchObject({ is_read: false, read_at: null });
  });
});

describe('marking a thread as read', () => {
  it('marks up to a message, or to the end, and never moves back', async () => {
    const [first, second] = [await post(asAnn), await post(asAnn)];
    const read = (body = {}) => asBob.post(`messages/threads/${threadId}/read`, body);
    const partly = await read({ up_to: first.id });
    expect(partly).toMatchObject({
      status: 200,
      body: { unread_count: 1, last_read_at: expect.any(String) },
    });
    expect((await read()).body.unread_count).toBe(0);
    const back = await read({ up_to: first.id });
    expect(back.body.unread_count).toBe(0);
    expect((await read({ up_to: second.id })).body).toEqual(back.body);
  });

  it('refuses a foreign or unknown message and a foreign thread', async () => {
    const carol = await api.build.member({ organization: ann.organization });
    const elsewhere = await asAnn.post('messages/send', { recipient: carol.id, content: 'x' });
    const path = `messages/threads/${threadId}/read`;
    for (const up_to of [elsewhere.body.message_id, uuid()]) {
      expect(await asAnn.post(path, { up_to })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'up_to' }] },
      });
    }
    const asCarol = await api.as(carol);
    expect((await asCarol.post(path, { up_to: elsewhere.body.message_id })).status).toBe(404);
    expect((await asCarol.post(path)).status).toBe(404);
  });

  it('moves the mark, and reading a page does not', async () => {
    await post(asAnn);
    await messagesOf(asBob);
    await asBob.get(`messages/conversation/${ann.id}`);
    await asBob.get('messages/inbox');
    expect((await asBob.get('messages/unread-count')).body).toEqual({ unread_count: 1, unread_threads: 1 });
  });

  it('is hidden from others if the reader shares no receipts', async () => {
    await asBob.patch('me/visibility', { share_read_receipts: false });
    const { id } = await post(asAnn);
    const { body } = await asBob.patch(`messages/${id}/read`);
    const thread = (await asAnn.get(`messages/threads/${threadId}`)).body;
    expect(thread.messages[0]).toMatchObject({ is_read: false, read_at: null, receipts: [] });
    const ofBob = thread.participants.find(({ user_id }: { user_id: string }) => user_id === bob.id);
    expect(ofBob.last_read_at).toBeNull();
    expect((await messagesOf(asBob))[0]).toMatchObject({ is_read: true, read_at: body.read_at });
    await asBob.patch('me/visibility', { share_read_receipts: true });
    expect((await messagesOf(asAnn))[0]).toMatchObject({ is_read: true, read_at: body.read_at });
  });
});

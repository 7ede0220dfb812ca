import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const api = useApi();

let organization: TestOrganization;
let ann: TestMember;
let bob: TestMember;
let asAnn: Client;
let asBob: Client;

beforeEach(async () => {
  organization = await api.build.organization();
  ann = await api.build.member({ organization });
  bob = await api.build.member({ organization });
  [asAnn, asBob] = [await api.as(ann), await api.as(bob)];
});

const send = async (client: Client, recipient: string, content: string) =>
  (await client.post('messages/send', { recipient, content })).body as {
    message_id: string;
    thread_id: string;
    sent_at: string;
  };

describe('the inbox', () => {
  it('lists conversations, newest first, with unread counts', async () => {
    const carol = await api.build.member({ organization });
    const asCarol = await api.as(carol);
    await send(asBob, ann.id, 'from bob');
    await send(asBob, ann.id, 'from bob again');
    await send(asCarol, ann.id, 'from carol');
    await send(asAnn, carol.id, 'to carol');
    const { body } = await asAnn.get('messages/inbox');
    expect(body).toMatchObject({ total_unread: 3, page: 1, page_size: 20, total_conversations: 2 });
    expect(body.conversations).toMatchObject([
      {
        with_user: carol.username,
        with_user_id: carol.id,
        last_message: 'to carol',
        unread_count: 1,
        is_latest_from_them: false,
      },
      { with_user: bob.username, last_message: 'from bob again', unread_count: 2, is_latest_from_them: true },
    ]);
  });

  it('has numbered pages and a filter for unread', async () => {
    const others = await Promise.all(Array.from({ length: 12 }, () => api.build.member({ organization })));
    for (const other of others) await send(await api.as(other), ann.id, `from ${other.username}`);
    const first = (await asAnn.get('messages/inbox?limit=10')).body;
    const second = (await asAnn.get('messages/inbox?limit=10&page=2')).body;
    const beyond = (await asAnn.get('messages/inbox?limit=10&page=9')).body;
    expect(first).toMatchObject({ page: 1, page_size: 10, total_conversations: 12, total_unread: 12 });
    expect([first, second, beyond].map(({ conversations }) => conversations.length)).toEqual([10, 2, 0]);
    expect(beyond).toMatchObject({ total_conversations: 12, total_unread: 12 });
    const names = [...first.conversations, ...second.conversations].map(({ with_user }) => with_user);
    expect(names).toEqual(others.map(({ username }) => username).toReversed());

    for (const { thread_id } of first.conversations) await asAnn.post(`messages/threads/${thread_id}/read`);
    const unread = (await asAnn.get('messages/inbox?unread_only=true')).body;
    expect(unread).toMatchObject({ total_conversations: 2, total_unread: 2 });
    expect(unread.conversations).toEqual(second.conversations);
  });

  it.each(['page=0', 'page=-1', 'page=x', 'limit=9', 'limit=51', 'unread_only=maybe', 'cursor=x'])(
    'refuses %s',
    async (query) => {
      expect((await asAnn.get(`messages/inbox?${query}`)).status).toBe(400);
    },
  );
});

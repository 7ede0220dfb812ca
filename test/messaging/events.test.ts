import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization | undefined;
let [ann, bob, carol]: TestMember[] = [];
let [asAnn, asBob]: Client[] = [];

beforeEach(async () => {
  organization = await api.build.organization();
  const members = await Promise.all([1, 2, 3].map(() => api.build.member({ organization: organization! })));
  [ann, bob, carol] = members;
  [asAnn, asBob] = await Promise.all(members.map((member) => api.as(member)));
  await api.database.query('DELETE FROM outbox');
});

/** What has been recorded since it was last asked, in that order: the ids of events follow each other. */
async function recorded(): Promise<object[]> {
  const rows = await api.database.query<{ type: string; payload: object }>(
    `WITH taken AS (DELETE FROM outbox RETURNING id, type, payload) SELECT type, payload FROM taken ORDER BY id`,
  );
  return rows.map(({ type, payload }) => ({ type, ...payload }));
}

describe('events recorded with a change', () => {
  it('are thread.created for a first message, without its content', async () => {
    const { body } = await asAnn!.post('messages/send', { recipient: bob!.id, content: 'private words' });
    const events = await recorded();
    expect(events).toEqual([
      {
        type: 'thread.created',
        thread_id: body.thread_id,
        kind: 'direct',
        user_id: ann!.id,
        participant_ids: [ann!.id, bob!.id],
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('private words');
  });

  it('are message.sent for a message to more than 50 recipients, and none for one to 50', async () => {
    const others = await Promise.all(
      Array.from({ length: 52 }, () => api.build.member({ organization: organization! })),
    );
    const groupOf = async (size: number) => {
      const { body } = await asAnn!.post('messages/threads', {
        participant_ids: others.slice(0, size).map(({ id }) => id),
        subject: 'Us',
      });
      return body.id as string;
    };
    const [small, large] = [await groupOf(50), await groupOf(51)];
    await recorded();
    await asAnn!.post(`messages/threads/${small}/messages`, { content: 'private words' });
    expect(await recorded()).toEqual([]);
    const { body } = await asAnn!.post(`messages/threads/${large}/messages`, { content: 'private words' });
    expect(await recorded()).toEqual([
      { type: 'message.sent', thread_id: large, message_id: body.id ?? body.message_id, sender_id: ann!.id },
    ]);
  });

  it('are recorded when a message is read, edited or deleted, and not if nothing changes', async () => {
    const { body: sent } = await asAnn!.post('messages/send', { recipient: bob!.id, content: 'one' });
    const message = { thread_id: sent.thread_id, message_id: sent.message_id, seq: 1 };
    await recorded();
    const path = `messages/${sent.message_id}`;
    for (let time = 0; time < 2; time++) await asBob!.patch(`${path}/read`);
    expect(await recorded()).toEqual([
      { type: 'thread.read', thread_id: sent.thread_id, user_id: bob!.id, seq: 1 },
    ]);
    for (let time = 0; time < 2; time++) await asAnn!.patch(path, { content: 'two' });
    expect(await recorded()).toEqual([{ type: 'message.edited', ...message }]);
    await asBob!.delete(path);
    expect(await recorded()).toEqual([{ type: 'message.deleted', ...message, for: 'one', user_id: bob!.id }]);
    for (let time = 0; time < 2; time++) await asAnn!.delete(`${path}?scope=everyone`);
    expect(await recorded()).toEqual([{ type: 'message.deleted', ...message, for: 'everyone' }]);
  });

  it('are recorded for people who join and leave a group', async () => {
    const { body: group } = await asAnn!.post('messages/threads', {
      participant_ids: [bob!.id],
      subject: 'Us',
    });
    expect(await recorded()).toMatchObject([{ type: 'thread.created', kind: 'group' }]);
    const path = `messages/threads/${group.id}/participants`;
    for (let time = 0; time < 2; time++) await asAnn!.post(path, { user_id: carol!.id });
    await asAnn!.delete(`${path}/${carol!.id}`);
    await asBob!.delete(`${path}/${bob!.id}`);
    const about = { thread_id: group.id };
    expect(await recorded()).toEqual([
      { type: 'participant.joined', ...about, user_id: carol!.id, added_by: ann!.id },
      { type: 'participant.left', ...about, user_id: carol!.id, removed_by: ann!.id },
      { type: 'participant.left', ...about, user_id: bob!.id, removed_by: bob!.id },
    ]);
  });

  it('are recorded for blocking and unblocking', async () => {
    const path = `messages/users/${bob!.id}/block`;
    for (let time = 0; time < 2; time++) await asAnn!.post(path);
    for (let time = 0; time < 2; time++) await asAnn!.delete(path);
    const pair = { blocker_id: ann!.id, blocked_id: bob!.id };
    expect(await recorded()).toEqual([
      { type: 'user.blocked', ...pair },
      { type: 'user.unblocked', ...pair },
    ]);
  });

  it('are not recorded for refused requests', async () => {
    await asBob!.post(`messages/users/${ann!.id}/block`);
    await recorded();
    expect((await asAnn!.post('messages/send', { recipient: bob!.id, content: 'x' })).status).toBe(403);
    expect(await recorded()).toEqual([]);
  });
});

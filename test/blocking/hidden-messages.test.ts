import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, post, send, sight, startGroup } from '../support/people.js';

const api = useApi();

let blocker: Person;
let blocked: Person;
let other: Person;
let direct: string;
let group: string;

/** A conversation with the other one, one with a third, and a group of all of them. */
beforeEach(async () => {
  const organization = await api.build.organization();
  [blocker, blocked, other] = [
    await person(api, organization),
    await person(api, organization),
    await person(api, organization),
  ];
  group = await startGroup(other, [blocker, blocked]);
  await post(other, group, 'Welcome');
  await post(blocked, group, 'Hello all');
  await send(other, blocker, 'From other');
  ({ thread_id: direct } = await send(blocked, blocker, 'One'));
  await send(blocker, blocked, 'Two');
  await send(blocked, blocker, 'Three');
});

const block = () => blocker.client.post(`messages/users/${blocked.id}/block`);
const unblock = () => blocker.client.delete(`messages/users/${blocked.id}/block`);
const see = (who: Person) => sight(who, [direct, group], [who === blocker ? blocked : blocker]);

describe('a block', () => {
  it('hides all messages of the blocked person in lists, counts, previews and histories', async () => {
    expect(await see(blocker)).toMatchObject({
      inboxUnread: 3,
      inboxTotal: 2,
      unread: { unread_count: 5, unread_threads: 3 },
      histories: [
        ['One', 'Two', 'Three'],
        ['Welcome', 'Hello all'],
      ],
      conversations: [['One', 'Two', 'Three']],
    });
    await block();
    await post(blocked, group, 'Hello again');
    const { threads, ...seen } = await see(blocker);
    expect(threads).toHaveLength(2);
    expect(threads).toContainEqual({ id: group, last: 'Welcome', unread: 1 });
    expect(threads).toContainEqual({ id: expect.any(String), last: 'From other', unread: 1 });
    expect(seen).toEqual({
      inbox: [{ with: other.id, last: 'From other', unread: 1, theirs: true }],
      inboxUnread: 1,
      inboxTotal: 1,
      unread: { unread_count: 2, unread_threads: 2 },
      histories: [['Two'], ['Welcome']],
      unreadOf: [0, 1],
      conversations: [['Two']],
    });
    expect((await blocker.client.get('messages/threads?unread_only=true')).body.data).toHaveLength(2);
  });

  it('makes each of their messages answer 404 to the blocker', async () => {
    const { body } = await blocker.client.get(`messages/threads/${direct}`);
    const ids = (body.messages as { id: string; sender_id: string }[])
      .filter(({ sender_id }) => sender_id === blocked.id)
      .map(({ id }) => id);
    ids.push(await post(blocked, group, 'In the group'));
    const { client } = blocker;
    const ask = (id: string) => [
      client.patch(`messages/${id}/read`, {}),
      client.get(`messages/${id}/versions`),
      client.patch(`messages/${id}`, { content: 'Mine' }),
      client.post(`messages/threads/${group}/messages`, { content: 'Re', reply_to_id: id }),
      client.post(`messages/threads/${group}/read`, { up_to: id }),
      client.delete(`messages/${id}`),
    ];
    await block();
    for (const id of ids) {
      const statuses = (await Promise.all(ask(id))).map(({ status }) => status);
      expect(statuses).toEqual([404, 404, 404, 400, 400, 404]);
    }
    await unblock();
    expect((await client.patch(`messages/${ids[0]}/read`, {})).status).toBe(200);
  });

  it('changes nothing for the blocked person and for others', async () => {
    const [theirs, others] = [await see(blocked), await sight(other, [group])];
    await block();
    expect(await see(blocked)).toEqual(theirs);
    expect(await sight(other, [group])).toEqual(others);
    await post(blocked, group, 'Hello again');
    await post(blocker, group, 'Hello from me');
    const all = ['Welcome', 'Hello all', 'Hello again', 'Hello from me'];
    for (const one of [blocked, other]) expect((await sight(one, [group])).histories).toEqual([all]);
    expect((await sight(other, [group])).unreadOf).toEqual([3]);
    expect((await sight(blocked, [group])).unreadOf).toEqual([2]);
    expect((await sight(blocker, [group])).histories).toEqual([['Welcome', 'Hello from me']]);
  });

  it('shows everything again once it is removed, including group messages sent meanwhile', async () => {
    const before = await see(blocker);
    await block();
    await unblock();
    expect(await see(blocker)).toEqual(before);
    await block();
    await post(blocked, group, 'Meanwhile');
    await post(other, group, 'Quite so');
    await unblock();
    const after = await see(blocker);
    expect(after.histories).toEqual([
      ['One', 'Two', 'Three'],
      ['Welcome', 'Hello all', 'Meanwhile', 'Quite so'],
    ]);
    expect([before.unread.unread_count, after.unread.unread_count]).toEqual([5, 7]);
    expect([after.unreadOf, after.inboxUnread]).toEqual([[2, 4], 3]);
    expect((await send(blocked, blocker, 'Four')).thread_id).toBe(direct);
  });

  it('leaves read messages read once it is removed', async () => {
    await blocker.client.post(`messages/threads/${direct}/read`);
    await block();
    await post(blocked, group, 'Meanwhile');
    await blocker.client.post(`messages/threads/${group}/read`);
    await unblock();
    const { unreadOf, unread } = await see(blocker);
    expect([unreadOf, unread]).toEqual([[0, 0], { unread_count: 1, unread_threads: 1 }]);
  });

  it('hides both sides if it is mutual, until both have removed it', async () => {
    await block();
    await blocked.client.post(`messages/users/${blocker.id}/block`);
    expect((await see(blocked)).histories).toEqual([
      ['One', 'Three'],
      ['Welcome', 'Hello all'],
    ]);
    expect((await see(blocker)).histories).toEqual([['Two'], ['Welcome']]);
    await unblock();
    const ask = () => blocker.client.post('messages/send', { recipient: blocked.id, content: 'Peace' });
    expect(await ask()).toMatchObject({ status: 403, body: { code: 'recipient_unavailable' } });
    await blocked.client.delete(`messages/users/${blocker.id}/block`);
    expect((await ask()).status).toBe(201);
  });
});

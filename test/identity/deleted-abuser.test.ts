import { beforeEach, describe, expect, it, vi } from 'vitest';
import { useApi } from '../support/api.js';
import { deleteUser, recreate } from '../support/deletion.js';
import { type Person, person, post, send, sight, startGroup } from '../support/people.js';

const api = useApi();

let [ann, bob, cas]: Person[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob, cas] = await Promise.all([1, 2, 3].map(() => person(api, organization)));
});

describe('a blocked person who is deleted', () => {
  it('stays hidden from people who had blocked them, in threads, lists, counts and notifications', async () => {
    await send(bob!, cas!, 'of no concern');
    const { thread_id: direct } = await send(ann!, bob!, 'abuse');
    const withCas = await send(ann!, cas!, 'to somebody else');
    const group = await startGroup(cas!, [ann!, bob!]);
    await post(ann!, group, 'abuse in the group');
    await post(cas!, group, 'of no concern in the group');
    await bob!.client.post(`messages/users/${ann!.id}/block`);
    await post(ann!, group, 'more abuse in the group');
    const notifications = async () => {
      const { body } = await bob!.client.get('notifications?limit=100');
      return (body.data as Record<string, any>[]).map(({ title, actor_id }) => [title, actor_id]);
    };
    await vi.waitUntil(async () => (await api.database.query('SELECT FROM outbox')).length === 0, {
      timeout: 20_000,
      interval: 20,
    });
    const before = {
      sight: await sight(bob!, [group]),
      notifications: await notifications(),
      unread: (await bob!.client.get('notifications/unread-count')).body,
    };
    expect(before.sight.histories).toEqual([['of no concern in the group']]);

    await deleteUser(api, ann!.id);
    await recreate(api, ann!);

    expect({
      sight: await sight(bob!, [group]),
      notifications: await notifications(),
      unread: (await bob!.client.get('notifications/unread-count')).body,
    }).toEqual(before);
    expect((await bob!.client.get('messages/users/blocked')).body.data).toEqual([]);
    const { body: list } = await bob!.client.get('messages/threads?limit=100');
    expect((list.data as { id: string }[]).map(({ id }) => id)).not.toContain(direct);
    expect((await bob!.client.get(`messages/threads/${direct}`)).body.messages ?? []).toEqual([]);
    // Those who had not blocked the person keep what was sent, from nobody.
    const kept = await sight(cas!, [withCas.thread_id, group]);
    expect(kept.histories).toEqual([
      ['to somebody else'],
      ['abuse in the group', 'of no concern in the group', 'more abuse in the group'],
    ]);
  });

  it('leaves unread counts that match the unread messages', async () => {
    const { thread_id: direct } = await send(ann!, bob!, 'one');
    const group = await startGroup(cas!, [ann!, bob!]);
    await post(ann!, group, 'two');
    await post(cas!, group, 'three');
    await bob!.client.post(`messages/users/${ann!.id}/block`);
    await deleteUser(api, ann!.id);
    expect((await bob!.client.get('messages/unread-count')).body).toEqual({
      unread_count: 1,
      unread_threads: 1,
    });
    for (const id of [direct, group]) await bob!.client.post(`messages/threads/${id}/read`);
    expect((await bob!.client.get('messages/unread-count')).body).toEqual({
      unread_count: 0,
      unread_threads: 0,
    });
  });
});

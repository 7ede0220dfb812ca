import { beforeEach, describe, expect, it } from 'vitest';
import { type Person, person, post, send, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';
import { changes, nothing } from './changes-client.js';

const api = useApi();

let [ann, bob, eve]: Person[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob, eve] = await Promise.all([1, 2, 3].map(() => person(api, organization)));
});

describe('what changed since a cursor', () => {
  it('is nothing if nothing has', async () => {
    const { cursor } = await changes(bob!);
    await send(ann!, eve!, 'not for Bob');
    expect(await changes(bob!, cursor)).toEqual({ ...nothing, cursor: expect.any(String) });
  });

  it('is the thread, the notification and the counts of a new message, for both people', async () => {
    const [{ cursor }, { cursor: own }] = [await changes(bob!), await changes(ann!)];
    const { thread_id } = await send(ann!, bob!, 'hello');
    const seen = await changes(bob!, cursor);
    expect(seen).toMatchObject({
      threads: [{ id: thread_id, unread_count: 1, last_message: { preview: 'hello' } }],
      messages: [],
      counts: { messages: 1 },
    });
    expect(seen.notifications.map(({ body }) => body)).toContain('hello');
    expect(await changes(ann!, own)).toMatchObject({ threads: [{ id: thread_id, unread_count: 0 }] });
    expect(await changes(bob!, seen.cursor)).toMatchObject(nothing);
  });

  it('has the messages of the threads that the client shows: new, edited, deleted and hidden', async () => {
    const { thread_id, message_id } = await send(ann!, bob!, 'one');
    const mine = await send(bob!, ann!, 'two');
    const { cursor } = await changes(bob!);
    await ann!.client.patch(`messages/${message_id}`, { content: 'edited' });
    await bob!.client.delete(`messages/${mine.message_id}?scope=me`);
    const retracted = await send(ann!, bob!, 'three');
    await ann!.client.delete(`messages/${retracted.message_id}?scope=everyone`);
    await send(ann!, bob!, 'four');
    const seen = await changes(bob!, cursor, { threads: thread_id });
    const { body: thread } = await bob!.client.get(`messages/threads/${thread_id}`);
    expect(seen.messages.map(({ seq }) => seq)).toEqual([1, 3, 4]);
    expect(seen.messages).toEqual((thread.messages as object[]).toSorted((a: any, b: any) => a.seq - b.seq));
    expect(seen.gone_messages).toEqual([{ thread_id, seq: 2 }]);
    const { gone_messages } = await changes(ann!, cursor, { threads: thread_id });
    expect(gone_messages).toEqual([]);
  });

  it('has notifications that were read, archived or deleted', async () => {
    await send(ann!, bob!, 'one');
    await send(eve!, bob!, 'two');
    const { data } = (await bob!.client.get('notifications')).body as {
      data: { id: string; body: string }[];
    };
    const [read, removed] = [data[0]!, data[1]!];
    const { cursor } = await changes(bob!);
    await bob!.client.patch(`notifications/${read.id}`, { status: 'read' });
    await bob!.client.delete(`notifications/${removed.id}`);
    const seen = await changes(bob!, cursor);
    expect(seen.notifications).toMatchObject([{ id: read.id, is_read: true }]);
    expect(seen.gone_notifications).toEqual([removed.id]);
    const { body } = await bob!.client.get('notifications/unread-count');
    expect(seen.counts!.notifications).toBe(body.unread_count);
  });

  it('has the new body of a notification that changes between the look at the feed and that at the log', async () => {
    const { cursor } = await changes(bob!);
    await send(ann!, bob!, 'old');
    const query = (sql: string, ...values: unknown[]) => api.database.query(sql, values);
    await query('BEGIN');
    // The feed is read first, and the log waits for this.
    await query('LOCK TABLE changes IN ACCESS EXCLUSIVE MODE');
    await query(`UPDATE notifications SET body = 'new' WHERE user_id = $1`, bob!.id);
    const waiting = changes(bob!, cursor);
    const waits = `SELECT FROM pg_locks WHERE relation = 'changes'::regclass AND NOT granted`;
    await expect.poll(async () => (await query(waits)).length, { interval: 5 }).toBeGreaterThan(0);
    await query('COMMIT');
    expect((await waiting).notifications).toMatchObject([{ body: 'new' }]);
  });

  it('has threads that were read, renamed, archived or left by somebody', async () => {
    const group = await startGroup(ann!, [bob!, eve!]);
    await post(ann!, group, 'hello');
    const steps: [Person, () => Promise<unknown>, object][] = [
      [bob!, () => bob!.client.post(`messages/threads/${group}/read`, {}), { unread_count: 0 }],
      [bob!, () => ann!.client.patch(`messages/threads/${group}`, { subject: 'New' }), { subject: 'New' }],
      [bob!, () => bob!.client.patch(`messages/threads/${group}`, { archived: true }), { archived: true }],
      [
        bob!,
        () => eve!.client.delete(`messages/threads/${group}/participants/${eve!.id}`),
        { participant_count: 2 },
      ],
    ];
    for (const [who, change, expected] of steps) {
      const { cursor } = await changes(who);
      await change();
      expect(await changes(who, cursor)).toMatchObject({ threads: [{ id: group, ...expected }] });
    }
  });

  it('has the read marks of the threads that the client shows', async () => {
    const { thread_id } = await send(ann!, bob!, 'hello');
    const { cursor } = await changes(ann!);
    await bob!.client.post(`messages/threads/${thread_id}/read`, {});
    const { marks } = await changes(ann!, cursor, { threads: thread_id });
    const { body } = await ann!.client.get(`messages/threads/${thread_id}`);
    expect(marks).toEqual([{ thread_id, read_marks: body['read_marks'] }]);
    expect(body['read_marks']).toMatchObject([{ user_id: bob!.id, seq: 1 }]);
    expect((await changes(ann!, cursor)).marks).toEqual([]);
  });

  it('says that preferences changed', async () => {
    const { cursor } = await changes(bob!);
    await bob!.client.patch('preferences', { types: { MESSAGE: { email: 'off' } } });
    expect(await changes(bob!, cursor)).toMatchObject({ preferences_changed: true });
  });

  it('resets the client of somebody who blocks, and says nothing to the blocked', async () => {
    await send(ann!, bob!, 'hello');
    const [{ cursor }, { cursor: others }] = [await changes(bob!), await changes(ann!)];
    await bob!.client.post(`messages/users/${ann!.id}/block`);
    expect(await changes(bob!, cursor)).toMatchObject({ reset: true, threads: [] });
    expect(await changes(ann!, others)).toMatchObject(nothing);
  });

  it('is nothing of a group that the person has left, but that they left', async () => {
    const group = await startGroup(ann!, [bob!, eve!]);
    const before = await changes(bob!);
    const seen = await post(ann!, group, 'seen');
    await bob!.client.delete(`messages/threads/${group}/participants/${bob!.id}`);
    const last = await post(ann!, group, 'not seen');
    await ann!.client.patch(`messages/${last}`, { content: 'edited' });
    await ann!.client.patch(`messages/threads/${group}`, { subject: 'Unknown' });
    const left = await changes(bob!, before.cursor, { threads: group });
    expect(left.threads).toMatchObject([{ id: group, left: true, subject: 'Group' }]);
    expect(left.messages.map(({ content }) => content)).toEqual(['seen']);
    expect(left.reset_threads).toEqual([group]);
    await post(ann!, group, 'more');
    await ann!.client.delete(`messages/${last}?scope=everyone`);
    expect(await changes(bob!, left.cursor, { threads: group })).toMatchObject(nothing);
    await ann!.client.delete(`messages/${seen}?scope=everyone`);
    expect((await changes(bob!, left.cursor, { threads: group })).messages).toMatchObject([
      { id: seen, content: null },
    ]);
    await bob!.client.delete(`messages/threads/${group}`);
    expect((await changes(bob!, left.cursor)).gone_threads).toEqual([group]);
  });

  it('has only what is sent after a person joined', async () => {
    const group = await startGroup(ann!, [eve!]);
    await post(ann!, group, 'before');
    const { cursor } = await changes(bob!);
    await post(ann!, group, 'still before');
    await ann!.client.post(`messages/threads/${group}/participants`, { user_id: bob!.id });
    await post(ann!, group, 'after');
    const seen = await changes(bob!, cursor, { threads: group });
    expect(seen.threads).toMatchObject([{ id: group, unread_count: 1 }]);
    expect(seen.messages.map(({ content }) => content)).toEqual(['after']);
    expect(seen.gone_messages).toEqual([]);
  });
});

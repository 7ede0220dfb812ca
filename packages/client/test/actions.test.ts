import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeServer, OTHER, THREAD, later, messageOf, threadOf } from './fake-server.js';
import { json, problem } from './fake-fetch.js';
import { openPage, tick, useFakeServer } from './page.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

describe('what the person does', () => {
  it('shows at once, and is taken back with the reason if the server refuses it', async () => {
    const { contents, actions, calls, reset } = await openPage(server);
    const answer = later();
    server.answers.set('PATCH messages/m2', () => answer.answer);
    const done = actions.edit(messageOf(2), 'edited');
    expect(contents()).toEqual(['text 1', 'edited', 'text 3']);
    expect(calls.messages).toBe(1);
    reset();
    answer.respond(problem(403, 'forbidden'));
    await expect(done).rejects.toMatchObject({ code: 'forbidden' });
    expect(contents()).toEqual(['text 1', 'text 2', 'text 3']);
    expect(calls.messages).toBe(1);
  });

  it('keeps what a frame brings meanwhile when it is taken back', async () => {
    const { contents, actions } = await openPage(server);
    const answer = later();
    server.answers.set('DELETE messages/m2', () => answer.answer);
    const done = actions.delete(messageOf(2));
    expect(contents()).toEqual(['text 1', 'text 3']);
    server.socket.sync(1, { threads: [threadOf()], messages: [messageOf(2, { rev: 2, content: 'edited' })] });
    answer.respond(problem(403, 'forbidden'));
    await expect(done).rejects.toMatchObject({ status: 403 });
    expect(contents()).toEqual(['text 1', 'edited', 'text 3']);
  });

  it('is subtracted from the counts once, whichever of frame and response comes first', async () => {
    const { counts, threads, actions } = await openPage(server);
    const answer = later();
    server.answers.set(`POST messages/threads/${THREAD}/read`, () => answer.answer);
    const done = actions.markRead(THREAD);
    const badges = () => [counts.getSnapshot()!.messages, threads.getSnapshot().rows[0]!.unread_count];
    expect(badges()).toEqual([0, 0]);
    const read = threadOf({ unread_count: 0, last_read_seq: 3 });
    server.socket.sync(1, {
      threads: [read, threadOf({ id: OTHER, unread_count: 2 })],
      counts: { messages: 2, notifications: 0, notifications_by_type: {} },
    });
    const own = () => threads.getSnapshot().rows.find(({ id }) => id === THREAD)!.unread_count;
    expect([counts.getSnapshot()!.messages, own()]).toEqual([2, 0]);
    answer.respond(json({ last_read_at: null, unread_count: 0 }));
    await done;
    expect([counts.getSnapshot()!.messages, own()]).toEqual([2, 0]);
  });

  it('stays between the response and the frame', async () => {
    const { counts, threads, actions } = await openPage(server);
    server.answers.set(`POST messages/threads/${THREAD}/read`, () => json({ unread_count: 0 }));
    await actions.markRead(THREAD);
    expect([counts.getSnapshot()!.messages, threads.getSnapshot().rows[0]!.unread_count]).toEqual([0, 0]);
  });

  it('moves a thread to the archive', async () => {
    const { threads, store, actions } = await openPage(server);
    store.archivedThreads.subscribe(() => undefined);
    server.answers.set(`PATCH messages/threads/${THREAD}`, () => json(threadOf({ archived: true })));
    const done = actions.archive(THREAD);
    expect(threads.getSnapshot().rows).toEqual([]);
    await done;
    expect(store.archivedThreads.getSnapshot().rows.map(({ id }) => id)).toEqual([THREAD]);
  });
});

describe('messages that are sent', () => {
  const SEND = `POST messages/threads/${THREAD}/messages`;
  const bodies = () => server.sent.filter(({ method }) => method === 'POST').map(({ body }) => body.content);

  it('are sent one after the other, and again with the same token until the server has them', async () => {
    const { actions, messages, contents } = await openPage(server);
    let stored = 3;
    const tokens: string[] = [];
    server.answers.set(SEND, ({ body }) => {
      tokens.push(body.client_token);
      if (tokens.length === 1) return new Error('the connection was lost');
      return json(messageOf(++stored, { content: body.content, client_token: body.client_token }));
    });
    const all = ['one', 'two'].map((content) => actions.send(THREAD, { content }));
    await tick();
    expect(messages.getSnapshot().unsent.map(({ content, status }) => [content, status])).toEqual([
      ['one', 'sending'],
      ['two', 'waiting'],
    ]);
    await tick(1000);
    await Promise.all(all);
    expect(bodies()).toEqual(['one', 'one', 'two']);
    expect(tokens[1]).toBe(tokens[0]);
    expect(messages.getSnapshot().unsent).toEqual([]);
    expect(contents()).toEqual(['text 1', 'text 2', 'text 3', 'one', 'two']);
  });

  it('show once if a frame brings them before the response', async () => {
    const { actions, messages } = await openPage(server);
    const answer = later();
    server.answers.set(SEND, () => answer.answer);
    const done = actions.send(THREAD, { content: 'one' });
    const { client_token } = messages.getSnapshot().unsent[0]!;
    const stored = messageOf(4, { content: 'one', client_token });
    server.socket.sync(1, { threads: [threadOf({ last_seq: 4 })], messages: [stored] });
    expect(messages.getSnapshot()).toMatchObject({ unsent: [], rows: { length: 4 } });
    answer.respond(json(stored));
    await done;
    expect(messages.getSnapshot()).toMatchObject({ unsent: [], rows: { length: 4 } });
  });

  it('stay with the reason if the server refuses them, until they are sent again or discarded', async () => {
    const { actions, messages } = await openPage(server);
    server.answers.set(SEND, () => problem(403, 'recipient_unavailable'));
    const done = actions.send(THREAD, { content: 'one' });
    actions.send(THREAD, { content: 'two' }).catch(() => undefined);
    await expect(done).rejects.toMatchObject({ code: 'recipient_unavailable' });
    await tick();
    const [one, two] = messages.getSnapshot().unsent;
    expect(one).toMatchObject({ status: 'failed', error: { code: 'recipient_unavailable' } });
    actions.discard(two!.client_token);
    server.answers.set(SEND, ({ body }) => json(messageOf(4, body)));
    actions.retry(one!.client_token, 'better');
    await tick();
    expect(bodies()).toEqual(['one', 'two', 'better']);
    expect(messages.getSnapshot().unsent).toEqual([]);
  });
});

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeServer, OTHER, THREAD, later, messageOf, threadOf } from './fake-server.js';
import { json, problem } from './fake-fetch.js';
import { openPage, tick, useFakeServer } from './page.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

describe('a part of the store', () => {
  it('is loaded by its first subscription, after the cursor, and nothing else is', async () => {
    const { store } = server.tidings;
    await tick(1000);
    expect(server.requests).toEqual([]);
    store.counts.subscribe(() => undefined);
    store.counts.subscribe(() => undefined);
    await tick();
    expect(server.requests).toEqual([
      'GET realtime/changes',
      'GET messages/unread-count',
      'GET notifications/unread-count',
    ]);
    expect(store.counts.getSnapshot()).toMatchObject({ messages: 3 });
  });

  it('keeps its reference while nothing in it changes', async () => {
    const { threads, feed, messages, calls } = await openPage(server);
    const before = [threads, feed, messages].map((slice) => slice.getSnapshot());
    server.socket.sync(1, { counts: { messages: 9, notifications: 0, notifications_by_type: {} } });
    expect([threads, feed, messages].map((slice) => slice.getSnapshot())).toEqual(before);
    expect(threads.getSnapshot()).toBe(before[0]);
    expect(feed.getSnapshot()).toBe(before[1]);
    expect(messages.getSnapshot()).toBe(before[2]);
    expect(calls).toEqual({ threads: 0, counts: 1, messages: 0, feed: 0 });
  });

  it('keeps the rows that a frame brings unchanged', async () => {
    const { threads, calls } = await openPage(server);
    const [before] = threads.getSnapshot().rows;
    const counts = { messages: 3, notifications: 0, notifications_by_type: {} };
    server.socket.sync(1, { threads: [threadOf()], counts });
    expect(calls).toEqual({ threads: 0, counts: 0, messages: 0, feed: 0 });
    server.socket.sync(2, { threads: [threadOf({ id: OTHER })], counts });
    expect(threads.getSnapshot().rows.find(({ id }) => id === THREAD)).toBe(before);
    expect(calls).toEqual({ threads: 1, counts: 0, messages: 0, feed: 0 });
  });

  it('is reported once for a frame, when all parts are new', async () => {
    const { threads, counts, calls, contents } = await openPage(server);
    let atCall: unknown;
    threads.subscribe(() => (atCall = [counts.getSnapshot()?.messages, contents().length]));
    server.socket.sync(1, {
      threads: [threadOf({ last_seq: 5, unread_count: 5 })],
      messages: [messageOf(4), messageOf(5)],
      counts: { messages: 5, notifications: 0, notifications_by_type: {} },
    });
    expect(calls).toEqual({ threads: 1, counts: 1, messages: 1, feed: 0 });
    expect(atCall).toEqual([5, 5]);
  });

  it('is reported although another listener throws, whose error is reported', async () => {
    const { counts, calls } = await openPage(server);
    const reported = vi.fn<(error: unknown) => void>();
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').once('unhandledRejection', reported);
    counts.subscribe(() => {
      throw new Error('of the page');
    });
    server.socket.sync(1, { threads: [threadOf({ unread_count: 4 })], counts: null });
    server.socket.sync(2, { counts: { messages: 9, notifications: 0, notifications_by_type: {} } });
    vi.useRealTimers();
    await vi.waitFor(() => expect(reported.mock.calls[0]?.[0]).toMatchObject({ message: 'of the page' }));
    for (const other of others) process.on('unhandledRejection', other);
    expect(calls).toMatchObject({ threads: 1, counts: 1 });
    expect(server.socket.sent.at(-1)).toEqual({ type: 'ack', n: 2 });
  });

  it('has the error if the server refuses it', async () => {
    server.answers.set(`GET messages/threads/${THREAD}`, () => problem(404, 'not_found'));
    const { messages } = await openPage(server);
    expect(messages.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'not_found' }, rows: [] });
  });

  it('is loaded again after a reset, and shows what it had until then', async () => {
    const { contents } = await openPage(server);
    server.rows = [messageOf(2), messageOf(3), messageOf(4)];
    const page = later();
    server.answers.set(`GET messages/threads/${THREAD}`, () => page.answer);
    server.socket.sync(1, { reset: true });
    await tick();
    expect(contents()).toEqual(['text 1', 'text 2', 'text 3']);
    page.respond(json(server.page()));
    await tick();
    expect(contents()).toEqual(['text 2', 'text 3', 'text 4']);
  });
});

describe('messages', () => {
  it('of a thread that was changed without them are loaded again', async () => {
    const { contents } = await openPage(server);
    server.socket.push({ type: 'focus', threads: [OTHER] });
    server.rows = [...server.rows, messageOf(4)];
    server.socket.sync(1, { threads: [threadOf({ last_seq: 4 })] });
    await tick();
    expect(contents()).toHaveLength(4);
  });

  it('of a thread that was joined again are loaded again, whatever their rev was', async () => {
    server.rows = [messageOf(3, { rev: 1_000_000_007, content: 'as I left' })];
    const { contents } = await openPage(server);
    server.rows = [messageOf(3, { content: 'new' })];
    server.socket.sync(1, { threads: [threadOf()], reset_threads: [THREAD] });
    await tick();
    expect(contents()).toEqual(['new']);
  });

  it('of a frame stay when an older response arrives after it', async () => {
    const page = later();
    server.answers.set(`GET messages/threads/${THREAD}`, () => page.answer);
    const { contents } = await openPage(server);
    const old = json(server.page());
    server.socket.sync(1, {
      threads: [threadOf()],
      messages: [messageOf(2, { content: 'edited', rev: 2 })],
      gone_messages: [{ thread_id: THREAD, seq: 3 }],
    });
    page.respond(old);
    await tick();
    expect(contents()).toEqual(['text 1', 'edited']);
  });

  it('of a higher rev stay when a frame with a lower one arrives', async () => {
    const { contents, actions } = await openPage(server);
    const edited = messageOf(2, { content: 'edited', rev: 3 });
    server.answers.set('PATCH messages/m2', () => json(edited));
    await actions.edit(messageOf(2), 'edited');
    server.socket.sync(1, { threads: [threadOf()], messages: [messageOf(2, { content: 'before', rev: 2 })] });
    expect(contents()).toEqual(['text 1', 'edited', 'text 3']);
  });

  it('are loaded page by page, and around one', async () => {
    const rows = Array.from({ length: 9 }, (_, at) => messageOf(at + 1));
    server.thread = threadOf({ last_seq: 9 });
    const pages: Record<string, object> = {
      'limit=50': { messages: rows.slice(6), next_cursor: 'older' },
      'limit=50&cursor=older': { messages: rows.slice(3, 6), next_cursor: 'oldest' },
      'limit=50&cursor=oldest': { messages: rows.slice(0, 3), next_cursor: null },
      'around_seq=4&limit=100': { messages: rows.slice(2, 5), next_cursor: 'older' },
      'limit=50&after_seq=5': { messages: rows.slice(5), next_cursor: null },
    };
    const pageOf = ({ path }: { path: string }) => json(server.page(pages[path.split('?')[1]!]));
    server.answers.set(`GET messages/threads/${THREAD}`, pageOf);
    const { messages, store } = await openPage(server);
    const shown = () => {
      const { rows: seen, hasOlder, hasNewer } = messages.getSnapshot();
      return [seen.map(({ seq }) => seq).join(' '), hasOlder, hasNewer];
    };
    expect(shown()).toEqual(['7 8 9', true, false]);
    await Promise.all([store.loadOlder(THREAD), store.loadOlder(THREAD)]);
    expect(shown()).toEqual(['4 5 6 7 8 9', true, false]);
    await store.loadOlder(THREAD);
    expect(shown()).toEqual(['1 2 3 4 5 6 7 8 9', false, false]);
    await store.jumpTo(THREAD, 4);
    expect(shown()).toEqual(['3 4 5', true, true]);
    // What is sent meanwhile is beyond the gap.
    server.socket.sync(1, { threads: [threadOf({ last_seq: 10 })], messages: [messageOf(10)] });
    expect(shown()).toEqual(['3 4 5', true, true]);
    await store.loadNewer(THREAD);
    expect(shown()).toEqual(['3 4 5 6 7 8 9 10', true, false]);
    // A page of what was shown before leaves what is shown now.
    await store.jumpTo(THREAD, 4);
    const late = later();
    server.answers.set(`GET messages/threads/${THREAD}`, () => late.answer);
    const loading = store.loadNewer(THREAD);
    await tick();
    pages['around_seq=8&limit=100'] = { messages: rows.slice(6), next_cursor: 'older' };
    server.answers.set(`GET messages/threads/${THREAD}`, pageOf);
    await store.jumpTo(THREAD, 8);
    late.respond(json(server.page({ messages: rows.slice(5, 6), next_cursor: 'newer' })));
    await loading;
    expect(shown()).toEqual(['7 8 9', true, false]);
  });
});

// @vitest-environment happy-dom
import { QueryClient } from '@tanstack/react-query';
import {
  messagesQuery,
  useMessages,
  useSuspenseMessages,
  useSuspenseNotifications,
  useSuspenseThread,
  useSuspenseThreads,
  useSuspenseUnreadCount,
  useThread,
  useUnreadCount,
} from '@tidings/client/react';
import { createElement as h } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { json, problem } from '../fake-fetch.js';
import { type FakeServer, THREAD, later, messageOf, threadOf } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { mount, settle, settleSuspended, uses } from './mount.js';
import { THREE, all, frame, messages, open } from './parts.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

const suspended = () =>
  uses(
    () => useSuspenseMessages(THREAD),
    ({ data }) => data.rows.map(({ content }) => content).join(),
  );
const reads = () => server.requests.filter((one) => one.startsWith(`GET messages/threads/${THREAD}`));

describe('a component that suspends', () => {
  it('shows the fallback until everything is loaded, and then follows it', async () => {
    const page = mount(
      server.tidings,
      all([
        uses(useSuspenseThreads, ({ data }) => data.rows.length),
        uses(
          () => useSuspenseThread(THREAD),
          ({ data }) => data.id.slice(-3),
        ),
        suspended(),
        uses(useSuspenseNotifications, ({ data }) => data.rows.length),
        uses(useSuspenseUnreadCount, ({ data }) => data.messages),
      ]),
    );
    await settleSuspended();
    expect(page.text()).toBe(`1301${THREE}03`);
    server.socket.accept();
    server.socket.confirm();
    server.socket.sync(1, frame);
    await settle();
    expect(page.text()).toBe(`1301${THREE},text 404`);
    expect(reads()).toHaveLength(1);
  });

  it('misses nothing that happens before it is mounted', async () => {
    const slow = later();
    server.answers.set('GET messages/unread-count', () => slow.answer);
    const page = mount(
      server.tidings,
      all([suspended(), uses(useSuspenseUnreadCount, ({ data }) => data.messages)]),
    );
    await settle();
    server.socket.accept();
    await settle(5000);
    expect(page.text()).toBe('suspended');
    server.socket.sync(1, { ...frame, counts: null });
    await settle(5000);
    slow.respond(json({ unread_count: 4, unread_threads: 1 }));
    await settleSuspended();
    expect(page.text()).toBe(`${THREE},text 44`);
  });

  it('does not suspend for what the store has', async () => {
    const page = await open(server, [messages()]);
    const shown = suspended();
    page.render(all([shown]));
    await settle();
    expect(page.text()).toBe(THREE);
    expect(reads()).toHaveLength(1);
  });

  it('finds what was prefetched', async () => {
    const queryClient = new QueryClient();
    const done = queryClient.prefetchQuery(messagesQuery(server.tidings, THREAD));
    await settle();
    await done;
    server.socket.accept();
    server.socket.sync(1, frame);
    await settle();
    expect(queryClient.getQueryData(messagesQuery(server.tidings, THREAD).queryKey)?.rows).toHaveLength(4);
    const page = mount(server.tidings, h(suspended()), { queryClient });
    await settle();
    expect(page.text()).toBe(`${THREE},text 4`);
    expect(reads()).toHaveLength(1);
  });

  it('throws the error, and loads again when the boundary is reset', async () => {
    server.answers.set(`GET messages/threads/${THREAD}`, () => problem(404, 'not_found'));
    const page = mount(server.tidings, h(suspended()));
    await settleSuspended();
    expect(page.text()).toBe('error not_found');
    server.answers.clear();
    page.click();
    await settleSuspended();
    expect(page.text()).toBe(THREE);
  });
});

describe('an error', () => {
  it('has the code of the server, and is gone after a refetch that succeeds', async () => {
    server.answers.set(`GET messages/threads/${THREAD}`, () => problem(404, 'not_found'));
    server.answers.set('GET messages/unread-count', () => problem(500, 'internal'));
    const [thread, shown, counts] = [
      uses(
        () => useThread(THREAD),
        codeOr(({ id }) => id.slice(-3)),
      ),
      uses(
        () => useMessages(THREAD),
        codeOr(({ rows }) => rows.length),
      ),
      uses(
        useUnreadCount,
        codeOr((data) => data.messages),
      ),
    ];
    const page = await open(server, [thread, shown, counts]);
    expect(page.text()).toBe('not_foundnot_foundinternal');
    server.answers.clear();
    const answer = later();
    server.answers.set(`GET messages/threads/${THREAD}`, () => answer.answer);
    const done = Promise.all([
      thread.latest.current.refetch(),
      shown.latest.current.refetch(),
      counts.latest.current.refetch(),
    ]);
    await settle();
    expect(page.text()).toBe('pendingpending3');
    server.answers.clear();
    answer.respond(json(server.page()));
    await settle();
    await done;
    expect(page.text()).toBe('30133');
  });

  it('takes the place of a thread that the person no longer sees, until they see it again', async () => {
    const shown = uses(
      () => useMessages(THREAD),
      codeOr(({ rows }) => rows.length),
    );
    const page = await open(server, [
      shown,
      uses(
        () => useThread(THREAD),
        codeOr(({ id }) => id.slice(-3)),
      ),
    ]);
    server.answers.set(`GET messages/threads/${THREAD}`, () => problem(404, 'not_found'));
    server.socket.sync(1, { gone_threads: [THREAD] });
    await settle();
    expect(page.text()).toBe('not_foundnot_found');
    expect(shown.latest.current.data).toBeUndefined();
    server.answers.clear();
    server.rows = [...server.rows, messageOf(4)];
    server.socket.sync(2, { threads: [threadOf({ last_seq: 4 })], reset_threads: [THREAD] });
    await settle();
    expect(page.text()).toBe('4301');
  });
});

function codeOr<T>(text: (data: T) => unknown) {
  return ({ data, error }: { data: T | undefined; error: { code: string } | null }) =>
    error?.code ?? (data === undefined ? 'pending' : text(data));
}

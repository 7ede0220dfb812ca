// @vitest-environment happy-dom
import { focusManager, onlineManager, useQuery } from '@tanstack/react-query';
import { threadsQuery, tidingsKey, useThreads, useTidings } from '@tidings/client/react';
import { createElement as h } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { json, problem } from '../fake-fetch.js';
import { type FakeServer, OTHER, later, threadOf } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { mount, settle, uses } from './mount.js';
import { all, frame, open, threads, unreadCount } from './parts.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

describe('a query', () => {
  it('is fetched once, whatever is mounted, focused or connected later', async () => {
    const shown = threads();
    server.answers.set('GET messages/unread-count', () => problem(403, 'forbidden'));
    const unread = unreadCount();
    const page = await open(server, [shown, unread]);
    let fetches = 0;
    page.queryClient.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'fetch') fetches++;
    });
    await settle(60_000);
    page.render(all([shown, unread, shown]));
    await settle();
    for (const isOn of [false, true]) {
      focusManager.setFocused(isOn);
      onlineManager.setOnline(isOn);
      await settle();
    }
    focusManager.setFocused(undefined);
    expect(fetches).toBe(0);
  });

  it('is loaded although the browser says that it is offline', async () => {
    onlineManager.setOnline(false);
    const page = mount(server.tidings, h(threads()));
    await settle();
    onlineManager.setOnline(true);
    expect(page.text()).toBe('301:3');
  });

  it('follows the store for useQuery too, with a part of the data and other options', async () => {
    const options = { select: ({ rows }: { rows: unknown[] }) => rows.length, structuralSharing: true };
    const shown = uses(
      () => useQuery({ ...threadsQuery(useTidings()), ...options }),
      ({ data }) => data,
    );
    const page = await open(server, [shown]);
    server.socket.sync(1, { threads: [threadOf(), threadOf({ id: OTHER })] });
    await settle();
    expect(page.text()).toBe('2');
    expect(page.queryClient.getQueriesData({ queryKey: tidingsKey(server.tidings) })).toHaveLength(1);
  });

  it('shows what the store has although the page has written something else, or invalidates it', async () => {
    const page = await open(server, [threads()]);
    const { queryKey } = threadsQuery(server.tidings);
    page.queryClient.setQueryData(queryKey, { rows: [], hasMore: false });
    await settle();
    expect(page.text()).toBe('301:3');
    await Promise.all([page.queryClient.invalidateQueries(), settle()]);
    server.socket.sync(1, frame);
    await settle();
    expect(page.text()).toBe('301:4');
  });

  it('keeps its rows and follows them while it cannot be loaded again', async () => {
    const shown = uses(useThreads, ({ data, error }) => [data?.rows[0]?.unread_count, error?.code]);
    const page = await open(server, [shown]);
    server.answers.set('GET messages/threads', () => problem(500, 'internal'));
    server.socket.sync(1, { reset: true });
    await settle();
    expect(page.text()).toBe('3,internal');
    server.socket.sync(2, frame);
    await settle();
    expect(page.text()).toBe('4,internal');
    server.answers.clear();
    await Promise.all([shown.latest.current.refetch(), settle()]);
    await settle();
    expect(page.text()).toBe('3,');
  });
});

describe('initialData', () => {
  const initialData = { rows: [threadOf({ unread_count: 7 })], hasMore: false };
  const given = () =>
    uses(
      () => useThreads({ initialData }),
      ({ data, error }) => [data?.rows[0]?.unread_count, error?.code],
    );

  it('shows until the store has loaded, and is followed then', async () => {
    const answer = later();
    server.answers.set('GET messages/threads', () => answer.answer);
    const page = await open(server, [given()]);
    expect(page.text()).toBe('7,');
    answer.respond(json({ data: [server.thread], next_cursor: null }));
    await settle();
    expect(page.text()).toBe('3,');
    server.socket.sync(1, frame);
    await settle();
    expect(page.text()).toBe('4,');
  });

  it('goes when the server refuses it', async () => {
    server.answers.set('GET messages/threads', () => problem(403, 'forbidden'));
    const shown = given();
    const page = await open(server, [shown]);
    expect(page.text()).toBe(',forbidden');
    page.render(all([shown, shown]));
    await settle();
    expect(page.text()).toBe(',forbidden,forbidden');
  });
});

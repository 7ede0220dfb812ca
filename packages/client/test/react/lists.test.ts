// @vitest-environment happy-dom
import type { Notification } from '@tidings/client';
import { useInbox, useMessages, useNotifications, usePreferences, useThreads } from '@tidings/client/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { json, problem } from '../fake-fetch.js';
import { type FakeServer, OTHER, THREAD, later, messageOf, threadOf } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { settle, uses } from './mount.js';
import { open } from './parts.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

describe('a list', () => {
  it('loads more, and says while it does and when that is refused', async () => {
    const shown = uses(useThreads, ({ data, isLoadingMore, loadMoreError }) => [
      data?.rows.length,
      data?.hasMore,
      isLoadingMore,
      loadMoreError?.code,
    ]);
    const page = (id: string, next: string | null) =>
      json({ data: [threadOf({ id, last_message_at: null, created_at: id })], next_cursor: next });
    server.answers.set('GET messages/threads', () => page('b', 'older'));
    const { text } = await open(server, [shown]);
    expect(text()).toBe('1,true,false,');
    const more = later();
    server.answers.set('GET messages/threads', () => more.answer);
    const done = shown.latest.current.loadMore();
    await settle();
    expect(text()).toBe('1,true,true,');
    more.respond(problem(500, 'internal'));
    await expect(done).rejects.toMatchObject({ code: 'internal' });
    await settle();
    expect(text()).toBe('1,true,false,internal');
    server.answers.set('GET messages/threads', () => page('a', null));
    await Promise.all([shown.latest.current.loadMore(), settle()]);
    await settle();
    expect(text()).toBe('2,false,false,');
  });

  it('of conversations leaves groups out, and shares the load of all threads', async () => {
    server.answers.set('GET messages/threads', () =>
      json({ data: [threadOf(), threadOf({ id: OTHER, kind: 'group' })], next_cursor: null }),
    );
    const length = ({ data }: { data?: { rows: unknown[] } | undefined }) => data?.rows.length;
    const { text } = await open(server, [uses(useInbox, length), uses(useThreads, length)]);
    expect(text()).toBe('12');
    expect(server.requests.filter((one) => one.startsWith('GET messages/threads?'))).toHaveLength(1);
  });
});

describe('messages', () => {
  it('are loaded in both directions from the one that is jumped to', async () => {
    const rows = Array.from({ length: 9 }, (_, at) => messageOf(at + 1));
    server.thread = threadOf({ last_seq: 9 });
    const pages: Record<string, object> = {
      'limit=50': { messages: rows.slice(6), next_cursor: 'older' },
      'limit=50&cursor=older': { messages: rows.slice(3, 6), next_cursor: null },
      'around_seq=4&limit=100': { messages: rows.slice(2, 5), next_cursor: 'older' },
      'limit=50&after_seq=5': { messages: rows.slice(5), next_cursor: null },
    };
    server.answers.set(`GET messages/threads/${THREAD}`, ({ path }) =>
      json(server.page(pages[path.split('?')[1]!])),
    );
    const shown = uses(
      () => useMessages(THREAD),
      ({ data }) => data && [data.rows.map(({ seq }) => seq).join(''), data.hasOlder, data.hasNewer],
    );
    const { text } = await open(server, [shown]);
    const { loadOlder, loadNewer, jumpTo } = shown.latest.current;
    await Promise.all([loadOlder(), settle()]);
    expect(text()).toBe('456789,false,false');
    await Promise.all([jumpTo(4), settle()]);
    expect(text()).toBe('345,true,true');
    await Promise.all([loadNewer(), settle()]);
    expect(text()).toBe('3456789,true,false');
    expect(shown.latest.current.jumpTo).toBe(jumpTo);
  });
});

describe('notifications', () => {
  const one = { id: 'n1', type: 'BILLING', status: 'unread', created_at: '2026-11-20T09:00:00.000Z' };

  it('are marked as read at once, and unread again if the server refuses it', async () => {
    server.answers.set('GET notifications', () => json({ data: [one as Notification], next_cursor: null }));
    const answer = later();
    server.answers.set('PATCH notifications/n1', () => answer.answer);
    const shown = uses(useNotifications, ({ data }) => data?.rows.map(({ status }) => status));
    const { text } = await open(server, [shown]);
    const done = shown.latest.current.markRead('n1');
    await settle();
    expect(text()).toBe('read');
    answer.respond(problem(403, 'forbidden'));
    await expect(done).rejects.toMatchObject({ code: 'forbidden' });
    await settle();
    expect(text()).toBe('unread');
  });

  it('of a refused change that nobody awaits cause no unhandled rejection', async () => {
    server.answers.set('POST notifications/read-all', () => problem(403, 'forbidden'));
    const shown = uses(useNotifications);
    const { queryClient } = await open(server, [shown]);
    const errors: unknown[] = [];
    queryClient.getMutationCache().config.onError = (error) => void errors.push(error);
    void shown.latest.current.markAllRead();
    await settle();
    expect(errors).toMatchObject([{ code: 'forbidden' }]);
  });
});

describe('preferences', () => {
  it('are shown and changed, at once', async () => {
    const paused = '2026-12-01T00:00:00.000Z';
    const preferences = (organization: object) =>
      json({ explicit: { global: {}, organization }, effective: {} });
    server.answers.set('GET preferences', () => preferences({}));
    const answer = later();
    server.answers.set('PATCH preferences', () => answer.answer);
    const shown = uses(usePreferences, ({ data }) => data?.explicit.organization.paused_until ?? '');
    const { text } = await open(server, [shown]);
    shown.latest.current.update.mutate({ paused_until: paused });
    await settle();
    expect(text()).toBe(paused);
    answer.respond(preferences({ paused_until: paused }));
    await settle();
    expect(text()).toBe(paused);
    expect(shown.latest.current.update.isSuccess).toBe(true);
  });
});

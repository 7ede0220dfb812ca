import { isDeepStrictEqual } from 'node:util';
import type { Store } from '@tidings/client';
import type { Client } from '../support/api.js';

type Row = Record<string, any>;

/** What a store shows, in a form that can be compared. */
export const seen = (store: Store, threads: string[]): Row => ({
  threads: store.threads.getSnapshot().rows,
  archived: store.archivedThreads.getSnapshot().rows,
  counts: store.counts.getSnapshot(),
  feed: store.feed.getSnapshot().rows.map(comparableNotification),
  messages: threads.map((id) => store.messages(id).getSnapshot().rows.map(comparableMessage)),
  marks: threads.map((id) => store.marks(id).getSnapshot()),
});

const comparable = ({ feed, messages, ...rest }: Row): Row => ({
  ...rest,
  feed: (feed as Row[]).map(comparableNotification),
  messages: (messages as Row[][]).map((rows) => rows.map(comparableMessage)),
});

/**
 * What differs between what a page has sent as JSON and what the server has: of the feed and the messages as far as both
 * were loaded, because a page has other limits, and loses rows that are deleted.
 */
export function differences(page: Row, fresh: Row): Row[] {
  const [shown, now] = [comparable(page), comparable(fresh)];
  const count = (one: Row[], other: Row[]) => Math.min(one.length, other.length, PAGE);
  const feed = count(shown['feed'], now['feed']);
  const messages = (shown['messages'] as Row[][]).map((rows, at) => count(rows, now['messages'][at]));
  const cut = (sight: Row) => ({
    ...sight,
    feed: (sight['feed'] as Row[]).slice(0, feed),
    messages: (sight['messages'] as Row[][]).map((rows, at) => rows.slice(rows.length - messages[at]!)),
  });
  return isDeepStrictEqual(cut(shown), cut(now)) ? [] : [cut(shown), cut(now)];
}

const PAGE = 50;

/** What a client that loads everything now has. */
export async function fetched(client: Pick<Client, 'get'>, threads: string[]): Promise<Row> {
  const [active, archived, feed, unread, unreadNotifications, ...pages] = await Promise.all([
    client.get('messages/threads?archived=false&limit=50'),
    client.get('messages/threads?archived=true&limit=50'),
    client.get('notifications?limit=50'),
    client.get('messages/unread-count'),
    client.get('notifications/unread-count'),
    ...threads.map((id) => client.get(`messages/threads/${id}?limit=100`)),
  ]);
  return {
    threads: active.body.data,
    archived: archived.body.data,
    counts: {
      messages: unread.body.unread_count,
      notifications: unreadNotifications.body.unread_count,
      notifications_by_type: unreadNotifications.body.by_type,
    },
    feed: (feed.body.data as Row[]).map(comparableNotification),
    // A thread that the person does not see has no messages.
    messages: pages.map(({ body }) => ((body.messages ?? []) as Row[]).map(comparableMessage)),
    marks: pages.map(({ body }) => body.read_marks ?? []),
  };
}

/** Receipts follow from the read marks of the thread. */
const comparableMessage = ({ is_read: _is, read_at: _at, receipts: _receipts, ...row }: Row): Row => row;

const comparableNotification = ({ delivered_via_ws: _ws, ...row }: Row): Row => row;

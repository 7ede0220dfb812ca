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

/** What is shown is compared so far: what a client has loaded beyond the first page of a request differs. */
const ROWS = 50;

/** The same of what a page has sent as JSON. */
export const firstPages = ({ feed, messages, ...rest }: Row): Row => ({
  ...rest,
  feed: (feed as Row[]).slice(0, ROWS).map(comparableNotification),
  messages: (messages as Row[][]).map((rows) => rows.slice(-ROWS).map(comparableMessage)),
});

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

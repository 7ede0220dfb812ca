import { useMessages, useThreads, useUnreadCount } from '@tidings/client/react';
import { createElement as h, type FunctionComponent } from 'react';
import { type FakeServer, THREAD, messageOf, threadOf } from '../fake-server.js';
import { type MountOptions, mount, settle, uses } from './mount.js';

/** What `messages()` shows at first. */
export const THREE = 'text 1,text 2,text 3';

/** One message more. */
export const frame = {
  threads: [threadOf({ last_seq: 4, unread_count: 4 })],
  messages: [messageOf(4)],
  counts: { messages: 4, notifications: 0, notifications_by_type: {} },
};

export const threads = () =>
  uses(useThreads, ({ data, status }) =>
    data ? data.rows.map(({ id, unread_count: unread }) => `${id.slice(-3)}:${unread}`) : status,
  );

export const unreadCount = () => uses(useUnreadCount, ({ data }) => data?.messages);

export const messages = () =>
  uses(
    () => useMessages(THREAD),
    ({ data, status }) =>
      data ? [...data.rows, ...data.unsent].map(({ content }) => content).join() : status,
  );

export const all = (components: FunctionComponent[]) => components.map((one, key) => h(one, { key }));

/** Mounts components, and accepts the socket that they need. */
export async function open(server: FakeServer, components: FunctionComponent[], options?: MountOptions) {
  const page = mount(server.tidings, all(components), options);
  await settle();
  server.socket.accept();
  await settle();
  page.commits = 0;
  return page;
}

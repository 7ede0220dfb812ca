import { expect } from 'vitest';
import type { Client } from '../support/api.js';
import type { Person } from './crowd.js';

interface Shown {
  id: string;
  unread_count: number;
}

/** Holds all counts that a person is shown against the messages that they are shown, page after page. */
export async function expectCountsToAgree({ id, client }: Person, threadIds: string[]): Promise<void> {
  const unread = new Map<string, number>();
  for (const threadId of threadIds) {
    const thread = await wholeThread(client, threadId);
    if (!thread) continue;
    const mine = thread.messages.filter(
      (message) => message.sender_id !== id && message.content !== null && !message.is_read,
    );
    expect(thread.unread_count, `unread in thread ${threadId} for ${id}`).toBe(mine.length);
    unread.set(threadId, mine.length);
  }
  const counts = [...unread.values()];
  const total = counts.reduce((one, other) => one + other, 0);

  const listed = await all<Shown>(client, 'messages/threads?limit=3');
  const listedUnread = await all<Shown>(client, 'messages/threads?limit=3&unread_only=true');
  const counted = (threads: Shown[]) => new Map(threads.map((thread) => [thread.id, thread.unread_count]));
  expect(counted(listed)).toEqual(new Map(listed.map((thread) => [thread.id, unread.get(thread.id)])));
  expect(counted(listedUnread)).toEqual(new Map([...counted(listed)].filter(([, count]) => count > 0)));
  expect((await client.get('messages/unread-count')).body).toEqual({
    unread_count: total,
    unread_threads: counts.filter((count) => count > 0).length,
  });

  const { body: inbox } = await client.get('messages/inbox?limit=50');
  const conversations = inbox.conversations as { thread_id: string; unread_count: number }[];
  for (const { thread_id, unread_count } of conversations) expect(unread_count).toBe(unread.get(thread_id));
  expect(inbox.total_conversations).toBe(conversations.length);
  expect(inbox.total_unread).toBe(conversations.reduce((sum, { unread_count }) => sum + unread_count, 0));
}

interface ShownThread extends Shown {
  messages: { id: string; seq: number; sender_id: string; content: string | null; is_read: boolean }[];
}

/** All pages of a thread, oldest first; undefined for whoever is not in it. */
export async function wholeThread(client: Client, threadId: string): Promise<ShownThread | undefined> {
  const path = `messages/threads/${threadId}?limit=7`;
  const { status, body: newest } = await client.get(path);
  if (status === 404) return undefined;
  const pages = [newest.messages];
  for (let cursor = newest.next_cursor; cursor !== null;) {
    const { body } = await client.get(`${path}&cursor=${cursor}`);
    pages.push(body.messages);
    cursor = body.next_cursor;
  }
  return { ...newest, messages: pages.toReversed().flat() };
}

async function all<Row>(client: Client, path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor = ''; ;) {
    const { body } = await client.get(`${path}${cursor}`);
    rows.push(...(body.data as Row[]));
    if (body.next_cursor === null) return rows;
    cursor = `&cursor=${body.next_cursor}`;
  }
}

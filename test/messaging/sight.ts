import {
  type Memory,
  type OracleMessage,
  type OracleThread,
  type Part,
  type Reader,
  presentIn,
} from './memory.js';
import type { Person } from './crowd.js';

/** What a person must be shown by every route that shows them threads, messages or counts. */
export function sightOf(memory: Memory, me: string, people: Person[]) {
  const seen = memory.threadsOf(me).map((thread) => threadSeen(memory, thread, me));
  const listed = seen
    .filter(({ partnerId }) => partnerId === null || !memory.hasBlocked(me, partnerId))
    .toSorted((one, other) => other.activeAt - one.activeAt);
  const direct = listed.filter(({ partnerId }) => partnerId !== null);
  const unread = seen.map(({ view }) => view.unread_count);
  return {
    inbox: {
      conversations: direct.map(({ partnerId, view, last }) => ({
        thread_id: view.id,
        with_user_id: partnerId,
        with_user: people.find(({ id }) => id === partnerId)!.username,
        last_message: last && contentOf(last),
        last_message_time: last && last.sentAt,
        last_seq: view.last_seq,
        last_read_seq: view.last_read_seq,
        unread_count: view.unread_count,
        is_latest_from_them: last !== null && last.senderId !== me,
      })),
      total_unread: sum(direct.map(({ view }) => view.unread_count)),
      total_conversations: direct.length,
    },
    threads: { data: listed.map(({ view }) => view), next_cursor: null },
    unread: { unread_count: sum(unread), unread_threads: unread.filter((count) => count > 0).length },
    pages: Object.fromEntries(
      seen.map(({ view, messages, marks }) => [
        view.id,
        { ...view, read_marks: marks, messages, next_cursor: null },
      ]),
    ),
  };
}

/** Of that, what is there for whoever asks for what is unread only. */
export function unreadOnly({ inbox, threads }: ReturnType<typeof sightOf>) {
  const isUnread = ({ unread_count }: { unread_count: number }) => unread_count > 0;
  const conversations = inbox.conversations.filter(isUnread);
  return {
    inbox: { ...inbox, conversations, total_conversations: conversations.length },
    threads: { ...threads, data: threads.data.filter(isUnread) },
  };
}

export async function lookForUnread({ client }: Person) {
  const [inbox, threads] = await Promise.all([
    client.get('messages/inbox?limit=50&unread_only=true'),
    client.get('messages/threads?limit=100&unread_only=true'),
  ]);
  return { inbox: inbox.body, threads: threads.body };
}

/** What the API shows them. */
export async function look({ client }: Person, threadIds: string[]) {
  const body = async (path: string) => (await client.get(`messages/${path}`)).body;
  const [inbox, threads, unread, ...pages] = await Promise.all([
    body('inbox?limit=50'),
    body('threads?limit=100'),
    body('unread-count'),
    ...threadIds.map((id) => body(`threads/${id}?limit=100`)),
  ]);
  return { inbox, threads, unread, pages: Object.fromEntries(pages.map((page) => [page.id, page])) };
}

function threadSeen(memory: Memory, thread: OracleThread, me: string) {
  const { id, kind, parts } = thread;
  const { leftSeq, readSeq, leftCount, activeAt, partsThen, textsThen } = parts.get(me)!;
  const readers: Readers = partsThen ? new Map(partsThen).set(me, parts.get(me)!) : parts;
  const messages = memory
    .visible(thread, me)
    .map((message) => ({ ...message, ...textsThen?.get(message.id) }));
  const last = messages.at(-1) ?? null;
  return {
    partnerId: kind === 'direct' ? [...parts.keys()].find((person) => person !== me)! : null,
    activeAt: activeAt ?? thread.activeAt,
    last,
    view: {
      id,
      kind,
      left: leftSeq !== null,
      participant_count: leftCount ?? presentIn(thread),
      last_message: last && {
        id: last.id,
        seq: last.seq,
        sender_id: last.senderId,
        preview: contentOf(last),
        sent_at: last.sentAt,
      },
      last_seq: leftSeq ?? thread.messages.length,
      last_read_seq: readSeq,
      unread_count: memory.unread(thread, me),
    },
    marks: marksOf(readers),
    messages: messages.map((message) => ({
      id: message.id,
      seq: message.seq,
      sender_id: message.senderId,
      content: contentOf(message),
      rev: 1 + message.edits + Number(message.isDeleted),
      is_read: isRead(readers, message, me),
      receipts: receiptsOf(readers, message),
      ...(message.senderId !== me && { read_at: readAt(parts.get(me)!, message) }),
    })),
  };
}

const contentOf = ({ content, isDeleted }: OracleMessage): string | null => (isDeleted ? null : content);

/** Of a group that I have left, the others as they were then. */
type Readers = Map<string, Reader>;

/** One's own message once all others have read it who are there, and were there when it was sent. */
function isRead(parts: Readers, { seq, senderId }: OracleMessage, me: string): boolean {
  if (senderId !== me) return seq <= parts.get(me)!.readSeq;
  const readers = [...parts].filter(
    ([person, { joinedSeq, leftSeq }]) => person !== me && leftSeq === null && joinedSeq < seq,
  );
  return readers.length > 0 && readers.every(([, { readSeq }]) => readSeq >= seq);
}

/** Of the first advance that reached it. */
const readAt = ({ advances }: Pick<Part, 'advances'>, { seq }: OracleMessage): string | null =>
  advances.find((advance) => advance.seq >= seq)?.at ?? null;

/** In the order of their times, of all who were there when it was sent. */
const receiptsOf = (parts: Readers, message: OracleMessage) =>
  [...parts]
    .filter(([person, { joinedSeq }]) => person !== message.senderId && joinedSeq < message.seq)
    .map(([user_id, part]) => ({ user_id, read_at: readAt(part, message)! }))
    .filter(({ read_at }) => read_at !== null)
    .toSorted((one, other) => (one.read_at < other.read_at ? -1 : 1));

/** How far everybody has read since they joined, furthest first. */
const marksOf = (parts: Readers) =>
  [...parts]
    .filter(([, { joinedSeq, readSeq }]) => readSeq > joinedSeq)
    .map(([user_id, { readSeq, advances }]) => ({ user_id, seq: readSeq, read_at: advances.at(-1)!.at }))
    .toSorted((one, other) => other.seq - one.seq || (one.user_id < other.user_id ? -1 : 1));

const sum = (counts: number[]): number => counts.reduce((one, other) => one + other, 0);

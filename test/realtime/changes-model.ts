import { isDeepStrictEqual } from 'node:util';
import type { SyncClient } from './sync-client.js';

export type Row = Record<string, any>;

/** Whoever reads the API as a person. */
export interface Reader {
  get(path: string): Promise<{ status: number; body: any }>;
}

/** What a client shows: it loads everything once, applies what changes, and loads everything again after a reset. */
export class Model {
  /** Of what was applied last. */
  cursor = '';
  resets = 0;
  private state = emptyState();

  constructor(
    protected readonly reader: Reader,
    /** The threads whose messages it shows. */
    readonly shown: string[],
  ) {}

  get current(): Row {
    return comparable(this.state);
  }

  /** What a client that loads everything now has. */
  async fetched(): Promise<Row> {
    return comparable(await fetchAll(this.reader, this.shown));
  }

  /** What differs from that, by the names and ids of it. */
  differences(fetched: Row): Row {
    const { current } = this;
    const names = Object.keys(fetched);
    return Object.fromEntries(
      names.flatMap((name) =>
        [...new Set([current, fetched].flatMap((state) => Object.keys(state[name])))]
          .filter((id) => !isDeepStrictEqual(current[name][id], fetched[name][id]))
          .map((id) => [`${name} ${id}`, { current: current[name][id], fetched: fetched[name][id] }]),
      ),
    );
  }

  async load(): Promise<void> {
    const { body } = await this.reader.get('realtime/changes');
    this.cursor = body.cursor as string;
    this.state = await fetchAll(this.reader, this.shown);
  }

  /** Loads the threads that it shows, as after a change of focus. */
  async loadShown(ids = this.shown): Promise<void> {
    for (const id of ids) await fetchThread(this.reader, id, this.state);
  }

  /** Returns whether anything had changed. */
  async take(changes: Row): Promise<boolean> {
    if (changes['reset'] || changes['reset_notifications']) {
      this.resets++;
      await this.load();
      return true;
    }
    this.cursor = changes['cursor'];
    this.apply(changes);
    await this.loadShown(changes['reset_threads'] as string[]);
    return changes['counts'] !== null;
  }

  private apply(changes: Row): void {
    const { threads, messages, notifications } = this.state;
    for (const thread of changes['threads']) threads.set(thread.id, thread);
    for (const id of changes['gone_threads']) threads.delete(id);
    for (const message of changes['messages']) messages.set(`${message.thread_id} ${message.seq}`, message);
    for (const { thread_id, seq } of changes['gone_messages']) messages.delete(`${thread_id} ${seq}`);
    for (const { thread_id, read_marks } of changes['marks']) this.state.marks.set(thread_id, read_marks);
    for (const id of changes['gone_threads']) this.state.marks.delete(id);
    for (const notification of changes['notifications']) notifications.set(notification.id, notification);
    for (const id of changes['gone_notifications']) notifications.delete(id);
    if (changes['counts']) this.state.counts = changes['counts'];
  }
}

/** A client of the tests, which follows by long polling or over a WebSocket. */
export class ModelClient extends Model {
  private isStopped = false;
  private running: Promise<unknown> = Promise.resolve();

  async start(): Promise<void> {
    await this.load();
    this.running = this.follow();
  }

  /** Follows over a WebSocket instead. */
  async startSocket(open: (cursor: string) => Promise<SyncClient>): Promise<void> {
    await this.load();
    const socket = await open(this.cursor);
    await socket.focus(...this.shown);
    socket.onSync = (frame) => {
      this.running = this.running.then(() => this.take(frame));
    };
    // What changed before the focus came without messages.
    this.running = this.load();
  }

  /** Applies what is left. */
  async finish(): Promise<void> {
    this.isStopped = true;
    await this.running;
    while (await this.next(0));
  }

  private async follow(): Promise<void> {
    while (!this.isStopped) await this.next(1);
  }

  /** Returns whether anything had changed. */
  private async next(wait: number): Promise<boolean> {
    const { status, body } = await this.reader.get(
      `realtime/changes?cursor=${this.cursor}&wait=${wait}&threads=${this.shown.join(',')}`,
    );
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return this.take(body as Row);
  }
}

const emptyState = () => ({
  threads: new Map<string, Row>(),
  messages: new Map<string, Row>(),
  marks: new Map<string, Row[]>(),
  notifications: new Map<string, Row>(),
  counts: {} as Row,
});

type State = ReturnType<typeof emptyState>;

async function fetchAll(reader: Reader, shown: string[]): Promise<State> {
  const state = emptyState();
  for (const thread of await everyPage(reader, 'messages/threads?limit=100'))
    state.threads.set(thread.id, thread);
  for (const status of ['unread', 'read', 'archived']) {
    for (const row of await everyPage(reader, `notifications?limit=100&status=${status}`)) {
      state.notifications.set(row.id, row);
    }
  }
  for (const id of shown) await fetchThread(reader, id, state);
  const [messages, notifications] = await Promise.all([
    reader.get('messages/unread-count'),
    reader.get('notifications/unread-count'),
  ]);
  state.counts = {
    messages: messages.body.unread_count,
    notifications: notifications.body.unread_count,
    notifications_by_type: notifications.body['by_type'],
  };
  return state;
}

/** Replaces the messages and read marks of a thread. */
async function fetchThread(reader: Reader, id: string, { marks, messages }: State): Promise<void> {
  const { status, body } = await reader.get(`messages/threads/${id}`);
  const rows = await everyPage(reader, `messages/threads/${id}?limit=100`, 'messages');
  for (const [key, { thread_id }] of messages) if (thread_id === id) messages.delete(key);
  for (const message of rows) messages.set(`${message.thread_id} ${message.seq}`, message);
  if (status === 200) marks.set(id, body['read_marks'] as Row[]);
  else marks.delete(id);
}

/** A thread that the person does not see has no pages. Rows are any, because lists differ, and are only compared. */
async function everyPage(reader: Reader, path: string, list = 'data'): Promise<any[]> {
  const rows: any[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, body } = await reader.get(`${path}${cursor && `&cursor=${cursor}`}`);
    if (status === 404) return rows;
    rows.push(...(body[list] as any[]));
    cursor = body['next_cursor'] as string | null;
  }
  return rows;
}

/** Without receipts: read marks of the thread replace those of its messages. */
function comparable({ threads, messages, marks, notifications, counts }: State): Row {
  return {
    counts,
    // A thread with somebody blocked is not listed, and can be opened.
    marks: Object.fromEntries([...marks].filter(([id]) => threads.has(id))),
    threads: Object.fromEntries(threads),
    notifications: Object.fromEntries(
      [...notifications].map(([id, { delivered_via_ws: _ws, ...row }]) => [id, row]),
    ),
    messages: Object.fromEntries(
      [...messages].map(([id, { is_read: _is, read_at: _at, receipts: _receipts, ...row }]) => [id, row]),
    ),
  };
}

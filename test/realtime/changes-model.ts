import type { Client } from '../support/api.js';
import type { SyncClient } from './sync-client.js';

type Row = Record<string, any>;

/** A client that loads everything once, applies what changes, and loads everything again only if it is told to. */
export class ModelClient {
  private cursor = '';
  private state = emptyState();
  private isStopped = false;
  private running: Promise<unknown> = Promise.resolve();
  resets = 0;

  constructor(
    private readonly client: Client,
    /** The threads whose messages it shows. */
    private readonly shown: string[],
  ) {}

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

  get current(): Row {
    return comparable(this.state);
  }

  /** What a client that loads everything now has. */
  async fetched(): Promise<Row> {
    return comparable(await fetchAll(this.client, this.shown));
  }

  private async load(): Promise<void> {
    const { body } = await this.client.get('realtime/changes');
    this.cursor = body.cursor as string;
    this.state = await fetchAll(this.client, this.shown);
  }

  private async loadMessages(threadId: string): Promise<void> {
    const { messages } = this.state;
    for (const [id, { thread_id }] of messages) if (thread_id === threadId) messages.delete(id);
    const { messages: loaded } = await fetchAll(this.client, [threadId]);
    for (const [id, message] of loaded) messages.set(id, message);
  }

  private async follow(): Promise<void> {
    while (!this.isStopped) await this.next(1);
  }

  /** Returns whether anything had changed. */
  private async next(wait: number): Promise<boolean> {
    const { status, body } = await this.client.get(
      `realtime/changes?cursor=${this.cursor}&wait=${wait}&threads=${this.shown.join(',')}`,
    );
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return this.take(body as Row);
  }

  private async take(changes: Row): Promise<boolean> {
    if (changes['reset'] || changes['reset_notifications']) {
      this.resets++;
      await this.load();
      return true;
    }
    this.cursor = changes['cursor'];
    this.apply(changes);
    for (const id of changes['reset_threads'] as string[]) await this.loadMessages(id);
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

const emptyState = () => ({
  threads: new Map<string, Row>(),
  messages: new Map<string, Row>(),
  marks: new Map<string, Row[]>(),
  notifications: new Map<string, Row>(),
  counts: {} as Row,
});

async function fetchAll(client: Client, shown: string[]): Promise<ReturnType<typeof emptyState>> {
  const state = emptyState();
  for (const thread of await everyPage(client, 'messages/threads?limit=100'))
    state.threads.set(thread.id, thread);
  for (const status of ['unread', 'read', 'archived']) {
    for (const row of await everyPage(client, `notifications?limit=100&status=${status}`)) {
      state.notifications.set(row.id, row);
    }
  }
  for (const id of shown) {
    const { status, body } = await client.get(`messages/threads/${id}`);
    if (status === 200) state.marks.set(id, body['read_marks'] as Row[]);
    for (const message of await everyPage(client, `messages/threads/${id}?limit=100`, 'messages')) {
      state.messages.set(`${message.thread_id} ${message.seq}`, message);
    }
  }
  const [messages, notifications] = await Promise.all([
    client.get('messages/unread-count'),
    client.get('notifications/unread-count'),
  ]);
  state.counts = {
    messages: messages.body.unread_count,
    notifications: notifications.body.unread_count,
    notifications_by_type: notifications.body['by_type'],
  };
  return state;
}

/** A thread that the person does not see has no pages. */
async function everyPage(client: Client, path: string, list = 'data'): Promise<any[]> {
  const rows: any[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, body } = await client.get(`${path}${cursor && `&cursor=${cursor}`}`);
    if (status === 404) return rows;
    rows.push(...(body[list] as any[]));
    cursor = body['next_cursor'] as string | null;
  }
  return rows;
}

/** Without receipts: read marks of the thread replace those of its messages. */
function comparable({ threads, messages, marks, notifications, counts }: ReturnType<typeof emptyState>): Row {
  return {
    counts,
    marks: Object.fromEntries(marks),
    threads: Object.fromEntries(threads),
    notifications: Object.fromEntries(
      [...notifications].map(([id, { delivered_via_ws: _ws, ...row }]) => [id, row]),
    ),
    messages: Object.fromEntries(
      [...messages].map(([id, { is_read: _is, read_at: _at, receipts: _receipts, ...row }]) => [id, row]),
    ),
  };
}

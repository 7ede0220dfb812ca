import { createTidings, type Changes, type Message, type Thread, type TidingsOptions } from '@tidings/client';
import { FakeFetch, type Sent, json, problem } from './fake-fetch.js';

export const THREAD = '0199a000-0000-7000-8000-000000000301';
export const OTHER = '0199a000-0000-7000-8000-000000000302';

export const threadOf = (given: Partial<Thread> = {}): Thread => ({
  id: THREAD,
  kind: 'direct',
  subject: null,
  context: null,
  patient_id: null,
  participants: [],
  participant_count: 2,
  last_message: null,
  last_seq: 3,
  last_read_seq: 0,
  unread_count: 3,
  muted_until: null,
  archived: false,
  left: false,
  created_at: '2026-11-20T09:00:00.000Z',
  updated_at: '2026-11-20T09:00:00.000Z',
  last_message_at: '2026-11-20T09:00:00.000Z',
  ...given,
});

export const messageOf = (seq: number, given: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  thread_id: THREAD,
  client_token: null,
  seq,
  rev: 1,
  sender_id: 'theo',
  sender: 'theo',
  recipient: 'ada',
  subject: null,
  content: `text ${seq}`,
  reply_to_id: null,
  is_read: false,
  read_at: null,
  sent_at: '2026-11-20T09:00:00.000Z',
  edited_at: null,
  receipts: [],
  ...given,
});

export const changesOf = (given: Partial<Changes> = {}): Changes => ({
  cursor: 'c1',
  reset: false,
  threads: [],
  gone_threads: [],
  messages: [],
  gone_messages: [],
  reset_threads: [],
  marks: [],
  notifications: [],
  gone_notifications: [],
  reset_notifications: false,
  counts: { messages: 3, notifications: 0, notifications_by_type: {} },
  preferences_changed: false,
  ...given,
});

/** The other end of a WebSocket. */
export class FakeSocket extends EventTarget {
  readonly sent: any[] = [];
  isClosed = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    super();
  }

  send = (data: string): void => void this.sent.push(JSON.parse(data));
  close = (): void => void (this.isClosed = true);

  push(frame: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  sync(n: number, given: Partial<Changes>): void {
    this.push({ type: 'sync', n, ...changesOf(given) });
  }

  drop(code = 1006): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }

  /** Accepts the connection and its focus. */
  accept(): this {
    const { searchParams } = new URL(this.url);
    this.push({ type: 'hello', cursor: searchParams.get('cursor') });
    const threads = searchParams.get('threads');
    if (threads) this.push({ type: 'focus', threads: threads.split(',') });
    return this;
  }

  /** Accepts the focus that the client has sent. */
  confirm(): void {
    this.push(this.sent.findLast(({ type }) => type === 'focus'));
  }
}

type Answer = Response | Error | undefined | Promise<Response | Error | undefined>;

/** A server with one thread, whose answers a test may replace by their method and path. */
export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly answers = new Map<string, (sent: Sent) => Answer>();
  rows = [1, 2, 3].map((seq) => messageOf(seq));
  thread = threadOf();
  tokens = 0;
  private readonly fake = new FakeFetch((sent) => this.answer(sent));

  readonly tidings = this.create();

  create({ isForbidden = false, ...given }: Partial<TidingsOptions> & { isForbidden?: boolean } = {}) {
    const { sockets } = this;
    class Socket extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        if (isForbidden) throw new Error('The page may not open this socket.');
        super(url, protocols);
        sockets.push(this);
      }
    }
    return createTidings({
      url: 'https://t.example',
      getToken: () => `token${++this.tokens}`,
      fetch: this.fake.fetch,
      WebSocket: Socket,
      ...given,
    });
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  get requests(): string[] {
    return this.fake.sent.map(({ method, path }) => `${method} ${path}`);
  }

  get sent(): Sent[] {
    return this.fake.sent;
  }

  private answer(sent: Sent): Answer {
    const [path] = sent.path.split('?');
    const given = this.answers.get(`${sent.method} ${path}`);
    if (given) return given(sent);
    if (path === 'realtime/changes') return json(changesOf({ cursor: 'c0', counts: null }));
    if (path === 'messages/threads') return json({ data: [this.thread], next_cursor: null });
    if (path === `messages/threads/${THREAD}`) return json(this.page());
    if (path === 'messages/unread-count') return json({ unread_count: 3, unread_threads: 1 });
    if (path === 'notifications/unread-count') return json({ unread_count: 0, by_type: {} });
    if (path === 'notifications') return json({ data: [], next_cursor: null, unread_count: 0 });
    return problem(404, 'not_found');
  }

  page = (given: object = {}): object => ({
    ...this.thread,
    read_marks: [],
    messages: this.rows,
    next_cursor: null,
    ...given,
  });
}

/** A response that the test sends when it wants to. */
export function later(): { answer: Promise<Response>; respond: (response: Response) => void } {
  let respond!: (response: Response) => void;
  const answer = new Promise<Response>((resolve) => (respond = resolve));
  return { answer, respond };
}

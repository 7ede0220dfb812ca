import type { TidingsError } from '../errors.js';
import type { Message, ReadMark, Thread, ThreadPage } from '../types.js';
import { keep } from './keep.js';
import type { LoadStatus } from './list-window.js';
import type { IsFresh } from './loads.js';

export const messageKey = (threadId: string, seq: number): string => `message ${threadId} ${seq}`;
export const threadKey = (threadId: string): string => `thread ${threadId}`;

/** A run of messages without a gap. */
export interface Run {
  rows: Message[];
  /** The run begins here; 0 if there is nothing older. */
  oldest: number;
  /** It ends here; Infinity if there is nothing newer. */
  newest: number;
}

/** The newest messages of a thread, as they were kept. */
export interface KeptThread {
  id: string;
  thread: Thread;
  marks: ReadMark[];
  messages: Message[];
  oldest: number;
  older: string | null;
}

const MAX_KEPT = 100;

/** A thread whose messages were loaded. It keeps all messages that it gets and shows one run of them. */
export class OpenThread {
  status: LoadStatus = 'loading';
  error?: TidingsError;
  /** With all participants. */
  thread?: Thread;
  marks: ReadMark[] = [];
  /** Something changed whose messages did not come. */
  isStale = false;
  oldest = Number.POSITIVE_INFINITY;
  newest = Number.POSITIVE_INFINITY;
  older: string | null = null;
  /** Increases when another run is shown: pages that were requested for the last one no longer fit. */
  run = 0;
  readonly #bySeq = new Map<number, Message>();

  constructor(readonly id: string) {}

  get messages(): Message[] {
    return [...this.#bySeq.values()]
      .filter(({ seq }) => seq >= this.oldest && seq <= this.newest)
      .toSorted((one, other) => one.seq - other.seq);
  }

  find = (seq: number): Message | undefined => this.#bySeq.get(seq);

  hasToken = (clientToken: string): boolean =>
    [...this.#bySeq.values()].some(({ client_token }) => client_token === clientToken);

  /** Of two copies the one with the higher rev is newer. */
  put(message: Message): void {
    const known = this.#bySeq.get(message.seq);
    if (!known || known.rev <= message.rev) this.#bySeq.set(message.seq, keep(known, message));
  }

  remove = (seq: number): void => void this.#bySeq.delete(seq);

  describe(page: ThreadPage, isFresh: IsFresh): void {
    if (!isFresh(threadKey(this.id))) return;
    const { messages: _messages, next_cursor: _next, read_marks: marks, ...thread } = page;
    this.thread = thread;
    this.marks = marks;
  }

  /** Shows another run. Of its messages only those that frames brought stay. */
  show({ rows, oldest, newest }: Run, isFresh: IsFresh): void {
    this.run++;
    const before = new Map(this.#bySeq);
    for (const seq of before.keys()) if (isFresh(messageKey(this.id, seq))) this.#bySeq.delete(seq);
    this.extend(
      rows.map((message) => keep(before.get(message.seq), message)),
      isFresh,
    );
    this.oldest = oldest;
    this.newest = newest;
    this.status = 'ready';
    this.error = undefined;
  }

  extend(rows: Message[], isFresh: IsFresh): void {
    for (const message of rows) if (isFresh(messageKey(this.id, message.seq))) this.put(message);
  }

  /** undefined if the newest messages are not among those that are shown. */
  toKept(): KeptThread | undefined {
    const { id, thread, marks, oldest, newest, older } = this;
    if (this.status !== 'ready' || !thread || newest !== Number.POSITIVE_INFINITY) return undefined;
    const all = this.messages;
    const messages = all.slice(-MAX_KEPT);
    const whole = { id, thread, marks, messages, oldest, older };
    return messages.length === all.length ? whole : { ...whole, oldest: messages[0]!.seq, older: null };
  }

  /** Shows what was kept, until the thread is loaded. */
  restore({ thread, marks, messages, oldest, older }: KeptThread): void {
    Object.assign(this, { thread, marks, oldest, older, status: 'ready', isStale: true });
    for (const message of messages) this.put(message);
  }

  /** The person no longer sees it. */
  fail(error: TidingsError): void {
    this.run++;
    this.#bySeq.clear();
    this.thread = undefined;
    this.marks = [];
    this.status = 'error';
    this.error = error;
  }
}

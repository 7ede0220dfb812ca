import { isTemporary, type TidingsError } from '../errors.js';
import { waitAfter } from '../http.js';
import type { Message } from '../types.js';
import type { PageMessage } from './pages.js';
import type { Session, SharedPart } from './session.js';

import { type PlainMessage, type UnsentMessage, fromPlain, plain } from './unsent-message.js';

export interface SendQueueOptions {
  send: (message: UnsentMessage) => Promise<Message>;
  /** Another page has sent a message. */
  onStored: (message: Message) => void;
  onChange: () => void;
  session: Session;
  signal: AbortSignal;
}

interface Promised {
  resolve: (message: Message) => void;
  reject: (error: unknown) => void;
}

/**
 * Submitted messages. They are kept before they are sent, and one page sends those of all pages, in each thread one after
 * the other. Even if two pages send for a moment, each message is stored once, and in order: a page sends the next one
 * only once the server has the one before.
 */
export class SendQueue implements SharedPart {
  #messages: UnsentMessage[] = [];
  readonly #promised = new Map<string, Promised>();
  /** Messages that are about to be kept. */
  readonly #unkept = new Set<string>();
  readonly #sending = new Set<string>();
  /** Sent or discarded: what was read of them before is out of date. */
  readonly #gone = new Set<string>();

  constructor(private readonly options: SendQueueOptions) {}

  /** In the order in which they were submitted. */
  of = (threadId: string): UnsentMessage[] =>
    this.#messages.filter(({ thread_id }) => thread_id === threadId);

  /** Later than all others. */
  nextTime = (): string => {
    const last = this.#messages.at(-1)?.submitted_at;
    return new Date(Math.max(Date.now(), last ? Date.parse(last) + 1 : 0)).toISOString();
  };

  /** Shows what earlier pages have left. */
  async load(): Promise<void> {
    for (const message of await this.options.session.pages.all<PlainMessage>('unsent'))
      this.#place(fromPlain(message));
  }

  /** Sends everything that is kept: also what a page has not passed on before it was closed. */
  lead(): void {
    void this.load().then(() => {
      const threadIds = new Set(this.#messages.map(({ thread_id }) => thread_id));
      return Promise.all([...threadIds].map(this.#sendAll));
    });
  }

  /** Resolves once the server has stored it, and rejects when the server refuses it. */
  add(message: UnsentMessage): Promise<Message> {
    const stored = new Promise<Message>((resolve, reject) => {
      this.#promised.set(message.client_token, { resolve, reject });
    });
    // The reason is in the message too, so nobody has to await it.
    stored.catch(() => undefined);
    this.#submit(message);
    return stored;
  }

  retry(clientToken: string, content?: string): void {
    const message = this.#find(clientToken);
    if (message?.status !== 'failed') return;
    const changed = content === undefined ? {} : { content };
    this.#submit({ ...message, ...changed, status: 'waiting', error: undefined });
  }

  discard(clientToken: string): void {
    if (this.#find(clientToken)?.status !== 'failed') return;
    this.#remove(clientToken);
    this.options.session.pages.post({ type: 'discarded', clientToken });
  }

  /** What happened in another page. */
  receive(message: PageMessage): void {
    if (message.type === 'discarded') this.#drop(message.clientToken);
    if (message.type === 'sent') {
      this.options.onStored(message.message);
      this.#stored(message.clientToken, message.message);
    }
    if (message.type !== 'unsent') return;
    const unsent = fromPlain(message.message);
    this.#place(unsent);
    if (unsent.error) this.#promised.get(unsent.client_token)?.reject(unsent.error);
    void this.#sendAll(unsent.thread_id);
  }

  #submit(message: UnsentMessage): void {
    this.#gone.delete(message.client_token);
    this.#unkept.add(message.client_token);
    this.#place(message);
    void this.#keepAndSend(message);
  }

  async #keepAndSend(message: UnsentMessage): Promise<void> {
    await this.#keep(message);
    this.#unkept.delete(message.client_token);
    await this.#sendAll(message.thread_id);
  }

  async #keep(message: UnsentMessage): Promise<void> {
    await this.options.session.opened;
    await this.options.session.pages.put('unsent', message.client_token, plain(message));
    this.options.session.pages.post({ type: 'unsent', message: plain(message) });
  }

  /** Sends what waits in a thread, in order. */
  #sendAll = async (threadId: string): Promise<void> => {
    const { session, signal } = this.options;
    if (this.#sending.has(threadId)) return;
    this.#sending.add(threadId);
    while (session.pages.isLeader && !signal.aborted) {
      const next = this.of(threadId).find(({ status }) => status !== 'failed');
      if (!next || this.#unkept.has(next.client_token)) break;
      await this.#sendOne(next);
    }
    this.#sending.delete(threadId);
  };

  async #sendOne(message: UnsentMessage): Promise<void> {
    const { send, session, signal } = this.options;
    this.#place({ ...message, status: 'sending' });
    for (let attempt = 0; session.pages.isLeader && !signal.aborted; attempt++) {
      try {
        const stored = await send(message);
        const clientToken = message.client_token;
        this.#remove(clientToken);
        this.#stored(clientToken, stored);
        return session.pages.post({ type: 'sent', clientToken, message: stored });
      } catch (error) {
        if (!isTemporary(error))
          return this.#fail({ ...message, status: 'failed', error: error as TidingsError });
        await waitAfter(error, attempt, signal).catch(() => undefined);
      }
    }
  }

  #fail(message: UnsentMessage): Promise<void> {
    this.#place(message);
    this.#promised.get(message.client_token)?.reject(message.error);
    return this.#keep(message);
  }

  #stored(clientToken: string, message: Message): void {
    this.#drop(clientToken);
    this.#promised.get(clientToken)?.resolve(message);
  }

  #find = (clientToken: string): UnsentMessage | undefined =>
    this.#messages.find(({ client_token }) => client_token === clientToken);

  #place(message: UnsentMessage): void {
    if (this.#gone.has(message.client_token)) return;
    const others = this.#messages.filter(({ client_token }) => client_token !== message.client_token);
    this.#messages = [...others, message].toSorted((one, other) =>
      one.submitted_at < other.submitted_at ? -1 : 1,
    );
    this.options.onChange();
  }

  #remove(clientToken: string): void {
    void this.options.session.pages.remove('unsent', clientToken);
    this.#drop(clientToken);
  }

  #drop(clientToken: string): void {
    this.#gone.add(clientToken);
    this.#messages = this.#messages.filter(({ client_token }) => client_token !== clientToken);
    this.options.onChange();
  }
}

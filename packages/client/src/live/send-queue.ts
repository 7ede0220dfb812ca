import { isTemporary, type TidingsError } from '../errors.js';
import { waitAfter } from '../http.js';
import type { Message, NewMessage } from '../types.js';

/**
 * A message that the person has submitted and the server has not confirmed. After a refusal its status is `failed`,
 * with the reason in `error`; it stays until `retry` or `discard`.
 *
 * @example
 * const failed = tidings.store.messages(id).getSnapshot().unsent.filter((one: UnsentMessage) => one.status === 'failed');
 */
export interface UnsentMessage extends NewMessage {
  /** Names the message until it has an id. The server stores the message once, however often it is sent. */
  readonly client_token: string;
  readonly thread_id: string;
  readonly submitted_at: string;
  readonly status: 'waiting' | 'sending' | 'failed';
  readonly error?: TidingsError;
}

/** Submitted messages, which are sent one after the other in each thread. One that is stored elsewhere has the same methods. */
export interface SendQueue {
  /** In the order in which they were submitted. */
  of: (threadId: string) => UnsentMessage[];
  /** Resolves once the server has stored it, and rejects when the server refuses it. */
  add: (message: UnsentMessage) => Promise<Message>;
  retry: (clientToken: string, content?: string) => void;
  discard: (clientToken: string) => void;
}

export interface SendQueueOptions {
  send: (message: UnsentMessage) => Promise<Message>;
  onChange: () => void;
  signal: AbortSignal;
}

interface Promised {
  resolve: (message: Message) => void;
  reject: (error: unknown) => void;
}

/** Keeps messages in memory: they are lost with the page. */
export class MemoryQueue implements SendQueue {
  private messages: UnsentMessage[] = [];
  private readonly promised = new Map<string, Promised>();
  private readonly sending = new Set<string>();

  constructor(private readonly options: SendQueueOptions) {}

  of = (threadId: string): UnsentMessage[] => this.messages.filter(({ thread_id }) => thread_id === threadId);

  add(message: UnsentMessage): Promise<Message> {
    this.messages = [...this.messages, message];
    this.options.onChange();
    const stored = new Promise<Message>((resolve, reject) => {
      this.promised.set(message.client_token, { resolve, reject });
    });
    // The reason is in the message too, so nobody has to await it.
    stored.catch(() => undefined);
    void this.sendAll(message.thread_id);
    return stored;
  }

  retry(clientToken: string, content?: string): void {
    const changed = content === undefined ? {} : { content };
    const message = this.change(clientToken, { ...changed, status: 'waiting', error: undefined });
    if (message) void this.sendAll(message.thread_id);
  }

  discard(clientToken: string): void {
    const message = this.messages.find((one) => one.client_token === clientToken);
    if (message?.status !== 'failed') return;
    this.remove(message);
    this.options.onChange();
  }

  /** Sends what waits in a thread, in order. */
  private async sendAll(threadId: string): Promise<void> {
    if (this.sending.has(threadId)) return;
    this.sending.add(threadId);
    const next = () => this.of(threadId).find(({ status }) => status === 'waiting');
    for (let message = next(); message && !this.options.signal.aborted; message = next()) {
      await this.sendOne(this.change(message.client_token, { status: 'sending' })!);
    }
    this.sending.delete(threadId);
  }

  private async sendOne(message: UnsentMessage): Promise<void> {
    const { send, onChange, signal } = this.options;
    const { client_token: token } = message;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const stored = await send(message);
        this.remove(message);
        onChange();
        this.promised.get(token)?.resolve(stored);
        return;
      } catch (error) {
        if (!isTemporary(error)) {
          this.change(token, { status: 'failed', error: error as TidingsError });
          this.promised.get(token)?.reject(error);
          return;
        }
        await waitAfter(error, attempt, signal).catch(() => undefined);
      }
    }
  }

  private change(clientToken: string, to: Partial<UnsentMessage>): UnsentMessage | undefined {
    let changed: UnsentMessage | undefined;
    this.messages = this.messages.map((message) =>
      message.client_token === clientToken ? (changed = { ...message, ...to }) : message,
    );
    if (changed) this.options.onChange();
    return changed;
  }

  private remove(message: UnsentMessage): void {
    this.messages = this.messages.filter(({ client_token }) => client_token !== message.client_token);
  }
}

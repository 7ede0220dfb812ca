import { TidingsError } from '../errors.js';
import type { NewMessage } from '../types.js';

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
  /** In the order in which the messages are sent. */
  readonly submitted_at: string;
  /** Only the page that sends shows `sending`. */
  readonly status: 'waiting' | 'sending' | 'failed';
  readonly error?: TidingsError;
}

/** The same without a class, as it is kept and sent to other pages. */
export interface PlainMessage extends Omit<UnsentMessage, 'error'> {
  error?: object;
}

export const plain = ({ error, ...message }: UnsentMessage): PlainMessage => ({
  ...message,
  status: error ? 'failed' : 'waiting',
  ...(error && { error: error.toJSON() }),
});

export const fromPlain = ({ error, ...message }: PlainMessage): UnsentMessage => ({
  ...message,
  ...(error && { error: new TidingsError(error) }),
});

import type {
  FocusFrame,
  PresenceFrame,
  StateFrame,
  TypeFrame,
  TypingFrame,
} from '../generated/types.gen.js';
import type { Changes } from '../types.js';

/**
 * How the store learns of changes: `live` over a WebSocket, `polling` where that fails, `offline` while the server
 * cannot be reached, `ended` once the person is signed out or removed.
 *
 * @example
 * const isStale = tidings.store.connection.getSnapshot() === 'offline';
 */
export type Connection = 'idle' | 'connecting' | 'live' | 'polling' | 'offline' | 'ended';

/** What is not state. The focus that the server has confirmed comes too: the next presence frame is complete. */
export type Signal = FocusFrame | TypingFrame | PresenceFrame;

export interface ChangeListener {
  /** The messages of the threads in `shown` are complete; of other threads, only the thread itself is there. */
  changed: (changes: Changes, shown: ReadonlySet<string>) => void;
  /** Comes for each new connection too: with `live` again after a short interruption. */
  connection: (state: Connection) => void;
  /** Is forgotten with the next `connection`. */
  signal: (frame: Signal) => void;
}

/** Where changes come from: a socket of this page. A page that shares the socket of another one has another source. */
export interface ChangeSource {
  start(cursor: string): void;
  /** The threads whose messages are wanted. */
  focus(threads: string[]): void;
  /** Does nothing while there is no socket. */
  send(frame: TypeFrame | StateFrame): void;
  stop(): void;
}

import type { Changes } from '../types.js';

/**
 * How the store learns of changes: `live` over a WebSocket, `polling` where that fails, `offline` while the server
 * cannot be reached, `ended` once the person is signed out or removed.
 *
 * @example
 * const isStale = tidings.store.connection.getSnapshot() === 'offline';
 */
export type Connection = 'idle' | 'connecting' | 'live' | 'polling' | 'offline' | 'ended';

export interface ChangeListener {
  /** The messages of the threads in `shown` are complete; of other threads, only the thread itself is there. */
  changed: (changes: Changes, shown: ReadonlySet<string>) => void;
  connection: (state: Connection) => void;
}

/** Where changes come from: a socket of this page. A page that shares the socket of another one has another source. */
export interface ChangeSource {
  start(cursor: string): void;
  /** The threads whose messages are wanted. */
  focus(threads: string[]): void;
  stop(): void;
}

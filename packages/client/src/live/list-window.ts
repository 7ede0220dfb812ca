import type { TidingsError } from '../errors.js';
import type { Notification, Thread } from '../types.js';

/**
 * Whether something was loaded. `error` is the reason if the server refused it.
 *
 * @example
 * const { status, error } = tidings.store.threads.getSnapshot();
 */
export type LoadStatus = 'loading' | 'ready' | 'error';

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

/** How far a list was loaded when it was kept. */
export interface KeptWindow {
  next: string | null | undefined;
  bottom: string;
}

/** How far a list was loaded: everything above the bottom, by keys that sort like the list of the server. */
export class ListWindow<T> {
  status: LoadStatus = 'loading';
  error?: TidingsError;
  /** Where the next page begins; null once everything was loaded. */
  next: string | null | undefined;
  pages = 0;
  /** The least key that was loaded. */
  bottom = '';

  constructor(private readonly keyOf: (row: T) => string) {}

  /** Below what was loaded, rows are known only by chance. */
  includes = (row: T): boolean => this.next === null || this.keyOf(row) >= this.bottom;

  add({ data, next_cursor: next }: Page<T>): void {
    this.next = next;
    this.pages++;
    this.bottom = data
      .map(this.keyOf)
      .reduce((one, other) => (one < other ? one : other), this.bottom || '~');
  }

  restart(): void {
    this.pages = 0;
    this.bottom = '';
  }

  /** As it was kept, until it is loaded. */
  restore({ next, bottom }: KeptWindow): void {
    this.next = next;
    this.bottom = bottom;
    this.status = 'ready';
  }

  /** Newest first. */
  inOrder = (rows: T[]): T[] =>
    rows
      .map((row) => [this.keyOf(row), row] as const)
      .toSorted(([one], [other]) => (one < other ? 1 : -1))
      .map(([, row]) => row);
}

const threadWindow = (): ListWindow<Thread> =>
  new ListWindow(({ id, last_message_at: last, created_at: created }) => `${last ?? created} ${id}`);

const feedWindow = (): ListWindow<Notification> =>
  new ListWindow(({ id, created_at: created }) => `${created} ${id}`);

/** The lists of the store. */
export interface Lists {
  threads?: ListWindow<Thread>;
  archived?: ListWindow<Thread>;
  feed?: ListWindow<Notification>;
}

export const newWindow = { threads: threadWindow, archived: threadWindow, feed: feedWindow };

import type { Tidings } from '../create-tidings.js';
import { TidingsError } from '../errors.js';
import type { ListView, MessagesView } from '../live/views.js';
import type { Slice } from '../live/slice.js';
import type { Counts, Preferences, Thread } from '../types.js';

/** What a part of the store has. Neither data nor error means that it is loading. */
export interface Part<T> {
  data?: T;
  error?: TidingsError;
}

/** Where the data of a query comes from. */
export interface Source<T> {
  slice: Slice<unknown>;
  /** Says that the server refused it, if the slice does not. */
  refusal?: Slice<unknown>;
  read: () => Part<T>;
  closed: AbortSignal;
}

/**
 * Rows as far as they were loaded.
 *
 * @example
 * const { rows, hasMore }: List<Thread> = data;
 */
export type List<T> = Omit<ListView<T>, 'status' | 'error'>;

/**
 * Messages of a thread, oldest first and without a gap, and those that the server has not confirmed.
 *
 * @example
 * const { rows, unsent, hasOlder }: ThreadMessages = data;
 */
export type ThreadMessages = Omit<MessagesView, 'status' | 'error'>;

/** A list or the messages of a thread. What the person no longer sees has an error and no rows. */
export const viewSource = <V extends ListView<unknown> | MessagesView>(
  { closed }: Tidings,
  slice: Slice<V>,
): Source<V> => ({
  slice,
  closed,
  read: () => {
    const view = slice.getSnapshot();
    const isShown = view.status === 'ready' || view.rows.length > 0;
    const { error } = view;
    if (view.status === 'loading') return {};
    return { ...(isShown && { data: view }), ...(error && { error }) };
  },
});

export const threadSource = ({ store, closed }: Tidings, id: string): Source<Thread> => {
  const [slice, refusal] = [store.thread(id), store.messages(id)];
  return {
    slice,
    refusal,
    closed,
    read: () => partOf(slice.getSnapshot(), refusal.getSnapshot().error),
  };
};

export const countsSource = ({ store, closed }: Tidings): Source<Counts> => ({
  slice: store.counts,
  refusal: store.errors,
  closed,
  read: () => partOf(store.counts.getSnapshot(), store.errors.getSnapshot().counts),
});

export const preferencesSource = ({ store, closed }: Tidings): Source<Preferences> => ({
  slice: store.preferences,
  refusal: store.errors,
  closed,
  read: () => partOf(store.preferences.getSnapshot(), store.errors.getSnapshot().preferences),
});

const partOf = <T>(data: T | undefined, error: TidingsError | undefined): Part<T> =>
  data === undefined ? { ...(error && { error }) } : { data };

/** Resolves once the source has data, and rejects once the server has refused it. */
export async function loaded<T>(source: Source<T>, signal: AbortSignal): Promise<T> {
  // Queries of components that suspend begin while React renders, when nothing may change yet.
  await Promise.resolve();
  const { slice, refusal, closed, read } = source;
  if (read().error && !closed.aborted) await slice.reload();
  return new Promise((resolve, reject) => {
    const end = () => {
      for (const stop of stops) stop();
      for (const one of [closed, signal]) one.removeEventListener('abort', check);
    };
    const check = () => {
      const { data, error } = read();
      if (data !== undefined && !error) resolve(data);
      else if (error ?? (closed.aborted || signal.aborted)) reject(error ?? new TidingsError(CLOSED));
      else return;
      end();
    };
    const stops: (() => void)[] = [];
    for (const one of [closed, signal]) one.addEventListener('abort', check);
    for (const one of [slice, refusal]) if (one) stops.push(one.subscribe(check));
    check();
  });
}

const CLOSED = { detail: 'The client is closed.' };

'use client';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { NewThread, Thread, ThreadChange } from '../types.js';
import { useTidings } from './provider.js';
import { type Initial, threadQuery, threadsQuery } from './queries.js';
import { extend, useAction, useLoadMore } from './run.js';
import type { List } from './source.js';

/**
 * What hooks that show a part of the store take.
 *
 * @example
 * const options: LiveOptions<Thread> = { enabled: isOpen, initialData: thread };
 */
export interface LiveOptions<T> extends Initial<T> {
  /** false loads and follows nothing. */
  enabled?: boolean;
}

/**
 * Which threads to show.
 *
 * @example
 * const which: ThreadsOptions = { archived: true };
 */
export interface ThreadsOptions extends LiveOptions<List<Thread>> {
  archived?: boolean;
}

/**
 * Shows threads, newest activity first.
 *
 * @example
 * const { data, loadMore } = useThreads({ archived: false });
 * return data?.rows.map((thread) => <ThreadRow key={thread.id} thread={thread} />);
 */
export function useThreads({ enabled = true, ...which }: ThreadsOptions = {}) {
  const query = threadsQuery(useTidings(), which);
  return extend(useQuery({ ...query, enabled }), useMoreThreads(which.archived));
}

/**
 * Shows threads, and suspends until they are loaded.
 *
 * @example
 * const { data } = useSuspenseThreads();
 */
export function useSuspenseThreads(which: Omit<ThreadsOptions, 'enabled'> = {}) {
  return extend(useSuspenseQuery(threadsQuery(useTidings(), which)), useMoreThreads(which.archived));
}

/**
 * Shows the conversations with one person each, newest activity first.
 *
 * @example
 * const { data } = useInbox();
 * const names = data?.rows.map(({ participants }) => participants.map((one) => one.display_name));
 */
export function useInbox({ enabled = true, ...initial }: LiveOptions<List<Thread>> = {}) {
  const query = threadsQuery(useTidings(), initial);
  return extend(useQuery({ ...query, enabled, select: directThreads }), useMoreThreads());
}

/**
 * Shows the conversations with one person each, and suspends until they are loaded.
 *
 * @example
 * const { data, loadMore } = useSuspenseInbox();
 */
export function useSuspenseInbox(initial: Initial<List<Thread>> = {}) {
  const query = threadsQuery(useTidings(), initial);
  return extend(useSuspenseQuery({ ...query, select: directThreads }), useMoreThreads());
}

const directThreads = ({ rows, hasMore }: List<Thread>): List<Thread> => ({
  rows: rows.filter(({ kind }) => kind === 'direct'),
  hasMore,
});

function useMoreThreads(archived = false) {
  const { store } = useTidings();
  return useLoadMore(useCallback(() => store.loadMoreThreads({ archived }), [store, archived]));
}

/**
 * Shows one thread. The error has the code `not_found` once the person no longer sees it.
 *
 * @example
 * const { data: thread, error } = useThread(threadId);
 * if (error?.code === 'not_found') return <p>You are no longer in this group.</p>;
 */
export const useThread = (id: string, { enabled = true, ...initial }: LiveOptions<Thread> = {}) =>
  useQuery({ ...threadQuery(useTidings(), id, initial), enabled });

/**
 * Shows one thread, and suspends until it is loaded.
 *
 * @example
 * const { data: thread } = useSuspenseThread(threadId);
 */
export const useSuspenseThread = (id: string, initial: Initial<Thread> = {}) =>
  useSuspenseQuery(threadQuery(useTidings(), id, initial));

/**
 * Opens the direct thread with a person, or creates a group.
 *
 * @example
 * const { mutateAsync: create } = useCreateThread();
 * const open = async () => show((await create({ recipient_id: 'theo' })).id);
 */
export function useCreateThread() {
  const { threads } = useTidings();
  return useAction((thread: NewThread) => threads.create(thread));
}

/**
 * Archives, mutes or renames a thread. It shows at once, and is taken back if the server refuses it.
 *
 * @example
 * const { mutate: update } = useUpdateThread(thread.id);
 * return <button onClick={() => update({ archived: true })}>Archive</button>;
 */
export function useUpdateThread(threadId: string) {
  const { actions } = useTidings();
  return useAction((change: ThreadChange) => actions.updateThread(threadId, change));
}

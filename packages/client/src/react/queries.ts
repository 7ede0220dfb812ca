import type { DataTag, QueryFunction, QueryFunctionContext, UseQueryOptions } from '@tanstack/react-query';
import type { Tidings } from '../create-tidings.js';
import type { TidingsError } from '../errors.js';
import type { Counts, Notification, Preferences, Thread } from '../types.js';
import { connect, followQueries } from './follow-queries.js';
import { tidingsKey } from './keys.js';
import { NO_REFETCH } from './pages.js';
import {
  type List,
  type Source,
  type ThreadMessages,
  countsSource,
  loaded,
  preferencesSource,
  threadSource,
  viewSource,
} from './source.js';

/**
 * What a query has before it is loaded: what a server has rendered, for instance.
 *
 * @example
 * const given: Initial<List<Thread>> = { initialData: { rows: props.threads, hasMore: true } };
 */
export interface Initial<T> {
  initialData?: T | undefined;
}

/**
 * Options for `useQuery`, `useSuspenseQuery` and the functions of QueryClient.
 *
 * @example
 * const options: LiveQuery<Thread> = threadQuery(tidings, threadId);
 */
export type LiveQuery<T> = Omit<UseQueryOptions<T, TidingsError>, 'queryFn'> & {
  queryFn: QueryFunction<T>;
  /** `getQueryData` knows what it returns for it. */
  queryKey: DataTag<readonly unknown[], T, TidingsError>;
};

/** The store repeats requests and keeps the data up to date: the query only shows it. */
const LIVE = {
  staleTime: Number.POSITIVE_INFINITY,
  ...NO_REFETCH,
  // The store stops following a thread when its query is removed. A suspended component has no observer until its query
  // is loaded, nor has a thread between two pages that show it.
  gcTime: 1000,
  // The store keeps the references of what has not changed.
  structuralSharing: false,
  retry: false,
  networkMode: 'always',
} as const;

function liveQuery<T>(
  tidings: Tidings,
  key: unknown[],
  source: Source<T>,
  { initialData }: Initial<T>,
): LiveQuery<T> {
  const load = ({ client, signal }: QueryFunctionContext): Promise<T> => {
    followQueries(client);
    return loaded(source, signal);
  };
  return {
    ...LIVE,
    queryKey: tidingsKey(tidings, ...key) as LiveQuery<T>['queryKey'],
    queryFn: connect(load, source),
    initialData: () => {
      const { data, error } = source.read();
      return error ? undefined : (data ?? initialData);
    },
  };
}

/**
 * Threads, newest activity first, for `useQuery` and the functions of QueryClient.
 *
 * @example
 * const count = useQuery({ ...threadsQuery(tidings), select: ({ rows }) => rows.length });
 */
export const threadsQuery = (
  tidings: Tidings,
  { archived = false, ...initial }: { archived?: boolean | undefined } & Initial<List<Thread>> = {},
) => {
  const { threads, archivedThreads } = tidings.store;
  const source = viewSource(tidings, archived ? archivedThreads : threads);
  return liveQuery<List<Thread>>(tidings, ['threads', { archived }], source, initial);
};

/**
 * One thread, for `useQuery` and the functions of QueryClient.
 *
 * @example
 * const subject = useQuery({ ...threadQuery(tidings, id), select: (thread) => thread.subject });
 */
export const threadQuery = (tidings: Tidings, id: string, initial: Initial<Thread> = {}) =>
  liveQuery<Thread>(tidings, ['thread', id], threadSource(tidings, id), initial);

/**
 * The messages of a thread, for `useQuery` and the functions of QueryClient.
 *
 * @example
 * const openThread = () => queryClient.prefetchQuery(messagesQuery(tidings, thread.id));
 */
export const messagesQuery = (tidings: Tidings, threadId: string, initial: Initial<ThreadMessages> = {}) => {
  const source = viewSource(tidings, tidings.store.messages(threadId));
  return liveQuery<ThreadMessages>(tidings, ['messages', threadId], source, initial);
};

/**
 * How much is unread, for `useQuery` and the functions of QueryClient.
 *
 * @example
 * const messages = useQuery({ ...unreadCountQuery(tidings), select: (counts) => counts.messages });
 */
export const unreadCountQuery = (tidings: Tidings, initial: Initial<Counts> = {}) =>
  liveQuery<Counts>(tidings, ['unread-count'], countsSource(tidings), initial);

/**
 * Notifications, newest first, for `useQuery` and the functions of QueryClient.
 *
 * @example
 * const newest = useQuery({ ...notificationsQuery(tidings), select: ({ rows }) => rows[0] });
 */
export const notificationsQuery = (tidings: Tidings, initial: Initial<List<Notification>> = {}) =>
  liveQuery<List<Notification>>(tidings, ['notifications'], viewSource(tidings, tidings.store.feed), initial);

/**
 * Preferences, for `useQuery` and the functions of QueryClient.
 *
 * @example
 * const preferences = await queryClient.ensureQueryData(preferencesQuery(tidings));
 */
export const preferencesQuery = (tidings: Tidings, initial: Initial<Preferences> = {}) =>
  liveQuery<Preferences>(tidings, ['preferences'], preferencesSource(tidings), initial);

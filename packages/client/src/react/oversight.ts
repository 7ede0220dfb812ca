'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { CallOptions } from '../http.js';
import { type OversightReadRoutes, oversightOf } from '../routes/oversight.js';
import { tidingsKey } from './keys.js';
import { NO_REFETCH, pagesQuery } from './pages.js';
import { useTidings } from './provider.js';

/**
 * Why somebody looks, and at which threads. The audit log keeps the reason.
 *
 * @example
 * const which: OversightOptions = { reason: 'Complaint 2031', person: 'theo' };
 */
export interface OversightOptions {
  /** Nothing is requested while it is empty. */
  reason: string;
  /** Only threads that this person is or was in. */
  person?: string;
  context_type?: string;
  context_id?: string;
}

/**
 * Shows threads of the whole organization, newest first, to people with the permission `messages:monitor`. Each page that
 * is requested adds an entry to the audit log, so pages are requested once, and are forgotten when nothing shows them.
 *
 * @example
 * const { data: threads, error, fetchNextPage } = useOversight({ reason, person: 'theo' });
 * if (error?.code === 'forbidden') return <p>You may not see messages of others.</p>;
 */
export const useOversight = ({ reason, ...which }: OversightOptions) =>
  useOverseen(['threads', which], reason, (oversight, cursor, options) =>
    oversight.threads(reason, { ...which, cursor }, options),
  );

/**
 * Shows the messages of any thread, newest first, also deleted ones.
 *
 * @example
 * const { data: messages } = useOversightMessages(thread.id, { reason });
 */
export const useOversightMessages = (threadId: string, { reason }: { reason: string }) =>
  useOverseen(['messages', threadId], reason, (oversight, cursor, options) =>
    oversight.messages(threadId, reason, { cursor }, options),
  );

/**
 * Shows the earlier texts of any message, oldest first.
 *
 * @example
 * const { data: versions } = useOversightVersions(message.id, { reason });
 */
export const useOversightVersions = (messageId: string, { reason }: { reason: string }) =>
  useOverseen(['versions', messageId], reason, (oversight, cursor, options) =>
    oversight.versions(messageId, reason, { cursor }, options),
  );

type PageOf<T> = (
  oversight: OversightReadRoutes,
  cursor: string | undefined,
  options: CallOptions,
) => Promise<{ data: T[]; next_cursor: string | null }>;

function useOverseen<T>(key: unknown[], reason: string, page: PageOf<T>) {
  const tidings = useTidings();
  const queryKey = tidingsKey(tidings, 'oversight', ...key, reason);
  return useInfiniteQuery({
    ...pagesQuery(queryKey, (cursor, options) => page(oversightOf(tidings), cursor, options)),
    enabled: reason.trim() !== '',
    staleTime: Number.POSITIVE_INFINITY,
    ...NO_REFETCH,
    gcTime: 0,
  });
}

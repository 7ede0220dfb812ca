import { infiniteQueryOptions, type InfiniteData } from '@tanstack/react-query';
import type { TidingsError } from '../errors.js';
import type { CallOptions } from '../http.js';

interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

/** The client repeats requests, also once the browser is online again. */
export const REQUEST = { retry: false, networkMode: 'always' } as const;

/** What was refused is not requested again by itself either, which staleTime would allow. */
export const NO_REFETCH = { refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

const rowsOf = <T>({ pages }: InfiniteData<Page<T>, string | undefined>): T[] =>
  pages.flatMap(({ data }) => data);

/** A list of the server that the store does not follow. Its data are the rows of all pages. */
export const pagesQuery = <T>(
  queryKey: readonly unknown[],
  page: (cursor: string | undefined, options: CallOptions) => Promise<Page<T>>,
) =>
  infiniteQueryOptions<Page<T>, TidingsError, T[], readonly unknown[], string | undefined>({
    ...REQUEST,
    queryKey,
    queryFn: ({ pageParam, signal }) => page(pageParam, { signal }),
    initialPageParam: undefined,
    getNextPageParam: ({ next_cursor: next }) => next,
    select: rowsOf,
  });

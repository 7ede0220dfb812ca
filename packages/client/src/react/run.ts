'use client';
import { useMutation } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { TidingsError } from '../errors.js';

/** The client repeats what may succeed later, also once the browser is online again. */
const MUTATION = { networkMode: 'always', retry: false } as const;

/** A mutation of the client. */
export const useAction = <T, V>(mutationFn: (variables: V) => Promise<T>) =>
  useMutation<T, TidingsError, V>({ ...MUTATION, mutationFn });

/** Runs work as a mutation. Whoever wants to know whether it failed awaits it; nobody has to. */
export function useRun() {
  const { mutateAsync, isPending, error } = useAction((work: () => Promise<unknown>) => work());
  const run = useCallback(
    (work: () => Promise<unknown>): Promise<void> => {
      const done = mutateAsync(work).then(() => undefined);
      done.catch(() => undefined);
      return done;
    },
    [mutateAsync],
  );
  return { run, isPending, error };
}

/**
 * What the hook of a list adds to the result of `useQuery`.
 *
 * @example
 * const { loadMore, isLoadingMore }: LoadMore = useThreads();
 */
export interface LoadMore {
  /** Loads the next page. Does nothing if `data.hasMore` is false. */
  loadMore: () => Promise<void>;
  isLoadingMore: boolean;
  loadMoreError: TidingsError | null;
}

export function useLoadMore(load: () => Promise<void>): LoadMore {
  const { run, isPending, error } = useRun();
  const loadMore = useCallback(() => run(load), [run, load]);
  return { loadMore, isLoadingMore: isPending, loadMoreError: error };
}

/** What a hook adds to the result of TanStack Query. */
export const extend = <R extends object, M extends object>(result: R, more: M): R & M => ({
  ...result,
  ...more,
});

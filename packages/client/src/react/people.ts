'use client';
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TidingsError } from '../errors.js';
import type { CallOptions } from '../http.js';
import type { Me } from '../types.js';
import { tidingsKey } from './keys.js';
import { useTidings } from './provider.js';
import { pagesQuery, REQUEST } from './pages.js';
import { useAction } from './run.js';

/**
 * Shows who is signed in, with their permissions.
 *
 * @example
 * const { data: me } = useMe();
 * const isOwn = message.sender_id === me?.id;
 */
export function useMe() {
  const tidings = useTidings();
  return useQuery<Me, TidingsError>({
    ...REQUEST,
    queryKey: tidingsKey(tidings, 'me'),
    queryFn: ({ signal }) => tidings.members.me({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/**
 * Finds people of the organization, page by page. While `query` changes, the last result stays.
 *
 * @example
 * const { data: people, fetchNextPage, hasNextPage } = useMembers({ query: text });
 */
export function useMembers({ query, enabled = true }: { query?: string; enabled?: boolean } = {}) {
  const tidings = useTidings();
  const page = (cursor: string | undefined, options: CallOptions) =>
    tidings.members.list({ ...(query && { query }), cursor }, options);
  return useInfiniteQuery({
    ...pagesQuery(tidingsKey(tidings, 'members', query ?? ''), page),
    placeholderData: keepPreviousData,
    enabled,
  });
}

/**
 * Shows the people whom the person has blocked, page by page.
 *
 * @example
 * const { data: blocked, fetchNextPage } = useBlockedUsers();
 */
export function useBlockedUsers({ enabled = true }: { enabled?: boolean } = {}) {
  const tidings = useTidings();
  const page = (cursor: string | undefined, options: CallOptions) => tidings.blocks.list({ cursor }, options);
  return useInfiniteQuery({ ...pagesQuery(tidingsKey(tidings, 'blocked'), page), enabled });
}

/**
 * Blocks a person, by id or username: all their messages are hidden. They do not learn it.
 *
 * @example
 * const { mutate: block, isPending } = useBlockUser();
 * return <button onClick={() => block(person.id)}>Block</button>;
 */
export const useBlockUser = () => useBlocking('block');

/**
 * Unblocks a person: their messages show again.
 *
 * @example
 * const { mutate: unblock } = useUnblockUser();
 * return <button onClick={() => unblock(person.id)}>Unblock</button>;
 */
export const useUnblockUser = () => useBlocking('unblock');

function useBlocking(change: 'block' | 'unblock') {
  const tidings = useTidings();
  const queryClient = useQueryClient();
  return useAction(async (person: string) => {
    await tidings.blocks[change](person);
    await queryClient.invalidateQueries({ queryKey: tidingsKey(tidings, 'blocked') });
  });
}

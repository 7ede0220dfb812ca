'use client';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, createContext, createElement, useContext, useEffect } from 'react';
import type { Tidings } from '../create-tidings.js';
import { followQueries } from './follow-queries.js';

const Context = createContext<Tidings | undefined>(undefined);

/**
 * What TidingsProvider takes.
 *
 * @example
 * const props: TidingsProviderProps = { client: createTidings({ url, getToken }) };
 */
export interface TidingsProviderProps {
  /** The client of the person who is signed in. Create it outside of components, and close it when they sign out. */
  client: Tidings;
  children?: ReactNode;
}

/**
 * Gives the client to the hooks below it. It needs a QueryClientProvider above it.
 *
 * @example
 * <QueryClientProvider client={queryClient}>
 *   <TidingsProvider client={tidings}>
 *     <App />
 *   </TidingsProvider>
 * </QueryClientProvider>
 */
export function TidingsProvider({ client, children }: TidingsProviderProps): ReactNode {
  const queryClient = useQueryClient();
  // Queries that begin with initialData fetch nothing, so nothing else would follow them.
  useEffect(() => followQueries(queryClient), [queryClient]);
  return createElement(Context.Provider, { value: client }, children);
}

/**
 * Returns the client of the provider, for what has no hook.
 *
 * @example
 * const tidings = useTidings();
 * const leave = () => tidings.threads.removeParticipant(threadId, me.id);
 */
export function useTidings(): Tidings {
  const client = useContext(Context);
  if (!client) throw new Error('Hooks of Tidings need a <TidingsProvider client={…}> above them.');
  return client;
}

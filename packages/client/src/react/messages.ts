'use client';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { TidingsError } from '../errors.js';
import type { Message, NewMessage } from '../types.js';
import { useTidings } from './provider.js';
import { type Initial, messagesQuery } from './queries.js';
import { extend, useAction, useRun } from './run.js';
import type { ThreadMessages } from './source.js';
import type { LiveOptions } from './threads.js';

/**
 * What `useMessages` adds to the result of `useQuery`.
 *
 * @example
 * const { loadOlder, jumpTo }: MessageHistory = useMessages(threadId);
 */
export interface MessageHistory {
  /** Loads the page before the messages that are shown. Does nothing if `data.hasOlder` is false. */
  loadOlder: () => Promise<void>;
  /** Loads the page after the messages that are shown. Does nothing if `data.hasNewer` is false. */
  loadNewer: () => Promise<void>;
  /** Shows the messages around one, such as a quoted one or the first unread one. Resolves once they are shown. */
  jumpTo: (seq: number) => Promise<void>;
  isLoadingOlder: boolean;
  isLoadingNewer: boolean;
  isJumping: boolean;
  /** Why the last of these was refused. */
  historyError: TidingsError | null;
}

/**
 * Shows the messages of a thread: `rows`, oldest first and without a gap, and `unsent` ones.
 *
 * @example
 * const { data, loadOlder } = useMessages(threadId);
 * return (
 *   <ol>
 *     {data?.hasOlder && <button onClick={loadOlder}>Earlier messages</button>}
 *     {data?.rows.map((message) => <li key={message.id}>{message.content}</li>)}
 *     {data?.unsent.map((message) => <li key={message.client_token}>{message.content} …</li>)}
 *   </ol>
 * );
 */
export function useMessages(
  threadId: string,
  { enabled = true, ...initial }: LiveOptions<ThreadMessages> = {},
) {
  const query = messagesQuery(useTidings(), threadId, initial);
  return extend(useQuery({ ...query, enabled }), useHistory(threadId));
}

/**
 * Shows the messages of a thread, and suspends until they are loaded.
 *
 * @example
 * const { data, loadOlder } = useSuspenseMessages(threadId);
 */
export function useSuspenseMessages(threadId: string, initial: Initial<ThreadMessages> = {}) {
  const query = messagesQuery(useTidings(), threadId, initial);
  return extend(useSuspenseQuery(query), useHistory(threadId));
}

function useHistory(threadId: string): MessageHistory {
  const { store } = useTidings();
  const [older, newer, jump] = [useRun(), useRun(), useRun()];
  const [runOlder, runNewer, runJump] = [older.run, newer.run, jump.run];
  return {
    loadOlder: useCallback(() => runOlder(() => store.loadOlder(threadId)), [runOlder, store, threadId]),
    loadNewer: useCallback(() => runNewer(() => store.loadNewer(threadId)), [runNewer, store, threadId]),
    jumpTo: useCallback(
      (seq: number) => runJump(() => store.jumpTo(threadId, seq)),
      [runJump, store, threadId],
    ),
    isLoadingOlder: older.isPending,
    isLoadingNewer: newer.isPending,
    isJumping: jump.isPending,
    historyError: older.error ?? newer.error ?? jump.error,
  };
}

/**
 * Sends messages to a thread. A message shows at once in `unsent` of `useMessages`. If the server refuses it, it stays
 * there with its reason, until it is sent again with `retry` or forgotten with `discard`.
 *
 * @example
 * const { mutate: send, retry, discard } = useSendMessage(threadId);
 * const submit = () => send({ content: text });
 */
export function useSendMessage(threadId: string) {
  const { actions } = useTidings();
  const result = useAction((message: NewMessage) => actions.send(threadId, message));
  return extend(result, { retry: actions.retry, discard: actions.discard });
}

/**
 * Changes the text of a message. It shows at once, and is taken back if the server refuses it.
 *
 * @example
 * const { mutate: edit } = useEditMessage();
 * const save = () => edit({ message, content: text });
 */
export function useEditMessage() {
  const { actions } = useTidings();
  return useAction(({ message, content }: { message: Message; content: string }) =>
    actions.edit(message, content),
  );
}

/**
 * Hides a message from the person, or removes its content for everyone.
 *
 * @example
 * const { mutate: remove } = useDeleteMessage();
 * return <button onClick={() => remove({ message, scope: 'everyone' })}>Delete for everyone</button>;
 */
export function useDeleteMessage() {
  const { actions } = useTidings();
  return useAction(({ message, scope }: { message: Message; scope?: 'me' | 'everyone' }) =>
    actions.delete(message, scope),
  );
}

/**
 * Marks the messages of a thread up to one as read, or all.
 *
 * @example
 * const { mutate: markRead } = useMarkRead(threadId);
 * return <button onClick={() => markRead()}>Mark as read</button>;
 */
export function useMarkRead(threadId: string) {
  const { actions } = useTidings();
  return useAction((upTo: Message | void) => actions.markRead(threadId, upTo ?? undefined));
}

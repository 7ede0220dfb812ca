'use client';
import { useCallback, useRef, useSyncExternalStore } from 'react';
import type { Message, Presence } from '../types.js';
import { useSlice } from './connection.js';
import { useTidings } from './provider.js';

/**
 * Shows who types in a thread, by id, and says that the person does: call `type` on each key.
 *
 * @example
 * const { typing, type } = useTyping(threadId);
 * return <textarea onKeyDown={type} aria-description={typing.length > 0 ? 'Somebody types …' : ''} />;
 */
export function useTyping(threadId: string): { typing: readonly string[]; type: () => void } {
  const { store, actions } = useTidings();
  const typing = useSlice(store.typing(threadId), NOBODY);
  return { typing, type: useCallback(() => actions.type(threadId), [actions, threadId]) };
}

/**
 * Shows whether a person is online. undefined until that is known, and where it is not shown.
 *
 * @example
 * const isOnline = usePresence(participant.user_id)?.state === 'online';
 */
export const usePresence = (userId: string): Presence | undefined =>
  useSlice(useTidings().store.presence(userId), undefined);

/**
 * Keeps what the person has written and not sent.
 *
 * @example
 * const { draft, saveDraft } = useDraft(threadId);
 * return <textarea value={draft} onChange={(event) => saveDraft(event.target.value)} />;
 */
export function useDraft(threadId: string): { draft: string; saveDraft: (text: string) => void } {
  const { store, actions } = useTidings();
  const { subscribe, getSnapshot } = store.draft(threadId);
  // At once, unlike other parts: the cursor of an input jumps to its end if its value comes later.
  const draft = useSyncExternalStore(subscribe, getSnapshot, noText);
  return {
    draft,
    saveDraft: useCallback((text: string) => actions.saveDraft(threadId, text), [actions, threadId]),
  };
}

/**
 * Marks the thread as read up to a message once that has been in view for a second. Where there is no
 * IntersectionObserver, nothing is marked.
 *
 * @example
 * const ref = useReadOnView(message);
 * return <li ref={ref}>{message.content}</li>;
 */
export function useReadOnView(message: Message): (element: unknown) => void {
  const { actions } = useTidings();
  const stop = useRef<() => void>(undefined);
  const first = useRef(message);
  // A row that shows another message begins anew; a newer copy of the same message does not.
  const shown = first.current.id === message.id ? first.current : message;
  first.current = shown;
  // React 18 knows no cleanup of refs: it calls them with null.
  return useCallback(
    (element: unknown) => {
      stop.current?.();
      stop.current = element ? observe(element, () => actions.see(shown)) : undefined;
    },
    [actions, shown],
  );
}

/** Calls `see` when the element comes into view, and what that returned when it leaves. */
function observe(element: unknown, see: () => () => void): () => void {
  const { IntersectionObserver } = globalThis as { IntersectionObserver?: ObserverClass };
  let end: (() => void) | undefined;
  const leave = () => {
    end?.();
    end = undefined;
  };
  const changed = (entries: Entry[]) => {
    if (isInView(entries.at(-1)!)) end ??= see();
    else leave();
  };
  const observer = IntersectionObserver && new IntersectionObserver(changed, { threshold: STEPS });
  observer?.observe(element);
  return () => {
    observer?.disconnect();
    leave();
  };
}

/** Half of the message is seen, or it fills half of what it is seen in, as long ones do. */
const isInView = ({ intersectionRatio: ratio, intersectionRect: seen, rootBounds: root }: Entry): boolean =>
  ratio >= 0.5 || (root !== null && root.height > 0 && seen.height >= root.height / 2);

/** Often enough for messages that are ten times as high as the page. */
const STEPS = Array.from({ length: 21 }, (_, at) => at / 20);

/** What browsers have and others may lack. */
interface Entry {
  intersectionRatio: number;
  intersectionRect: { height: number };
  rootBounds: { height: number } | null;
}
type ObserverClass = new (
  changed: (entries: Entry[]) => void,
  options: { threshold: number[] },
) => { observe: (element: unknown) => void; disconnect: () => void };

const NOBODY: readonly string[] = [];
const noText = (): string => '';

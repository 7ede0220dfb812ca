'use client';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Counts, Notification, Preferences, PreferencesChange } from '../types.js';
import { useTidings } from './provider.js';
import { type Initial, notificationsQuery, preferencesQuery, unreadCountQuery } from './queries.js';
import { extend, useAction, useLoadMore, useRun } from './run.js';
import type { List } from './source.js';
import type { LiveOptions } from './threads.js';

/**
 * What `useNotifications` adds to the result of `useQuery`. Each shows at once, and is taken back if the server refuses
 * it.
 *
 * @example
 * const { markAllRead }: NotificationActions = useNotifications();
 */
export interface NotificationActions {
  markRead: (id: string) => Promise<void>;
  markUnread: (id: string) => Promise<void>;
  archive: (id: string) => Promise<void>;
  /** Deletes a notification. */
  remove: (id: string) => Promise<void>;
  /** Marks all notifications as read, or those of a type. */
  markAllRead: (which?: { type?: string }) => Promise<void>;
}

/**
 * Shows notifications, newest first.
 *
 * @example
 * const { data, loadMore, markRead } = useNotifications();
 * return data?.rows.map((one) => <li key={one.id} onClick={() => markRead(one.id)}>{one.title}</li>);
 */
export function useNotifications({ enabled = true, ...initial }: LiveOptions<List<Notification>> = {}) {
  const query = notificationsQuery(useTidings(), initial);
  return extend(useQuery({ ...query, enabled }), useNotificationActions());
}

/**
 * Shows notifications, and suspends until they are loaded.
 *
 * @example
 * const { data, markAllRead } = useSuspenseNotifications();
 */
export function useSuspenseNotifications(initial: Initial<List<Notification>> = {}) {
  return extend(useSuspenseQuery(notificationsQuery(useTidings(), initial)), useNotificationActions());
}

function useNotificationActions(): NotificationActions & ReturnType<typeof useLoadMore> {
  const { store, actions } = useTidings();
  const { run } = useRun();
  const more = useLoadMore(store.loadMoreNotifications);
  const changes = useMemo(
    (): NotificationActions => ({
      markRead: (id) => run(() => actions.updateNotification(id, 'read')),
      markUnread: (id) => run(() => actions.updateNotification(id, 'unread')),
      archive: (id) => run(() => actions.updateNotification(id, 'archived')),
      remove: (id) => run(() => actions.deleteNotification(id)),
      markAllRead: (which) => run(() => actions.markNotificationsRead({ type: which?.type })),
    }),
    [run, actions],
  );
  return { ...more, ...changes };
}

/**
 * Shows how much is unread.
 *
 * @example
 * const { data: counts } = useUnreadCount();
 * return <span>{counts?.messages}</span>;
 */
export const useUnreadCount = ({ enabled = true, ...initial }: LiveOptions<Counts> = {}) =>
  useQuery({ ...unreadCountQuery(useTidings(), initial), enabled });

/**
 * Shows how much is unread, and suspends until that is loaded.
 *
 * @example
 * const { messages, notifications } = useSuspenseUnreadCount().data;
 */
export const useSuspenseUnreadCount = (initial: Initial<Counts> = {}) =>
  useSuspenseQuery(unreadCountQuery(useTidings(), initial));

/**
 * Shows the preferences of the person, and changes them.
 *
 * @example
 * const { data: preferences, update } = usePreferences();
 * const mute = () => update.mutate({ paused_until: tomorrow });
 */
export function usePreferences({ enabled = true, ...initial }: LiveOptions<Preferences> = {}) {
  const query = preferencesQuery(useTidings(), initial);
  return extend(useQuery({ ...query, enabled }), { update: useUpdatePreferences() });
}

/**
 * Shows the preferences of the person, and suspends until they are loaded.
 *
 * @example
 * const { data: preferences, update } = useSuspensePreferences();
 */
export function useSuspensePreferences(initial: Initial<Preferences> = {}) {
  const query = preferencesQuery(useTidings(), initial);
  return extend(useSuspenseQuery(query), { update: useUpdatePreferences() });
}

function useUpdatePreferences() {
  const { actions } = useTidings();
  return useAction((change: PreferencesChange) => actions.updatePreferences(change));
}

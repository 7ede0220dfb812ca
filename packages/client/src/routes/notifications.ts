import { type CallOptions, type Http, path } from '../http.js';
import type {
  Notification,
  NotificationExplanation,
  NotificationList,
  NotificationsQuery,
} from '../types.js';

/**
 * The feed of notifications.
 *
 * @example
 * const { data, unread_count } = await tidings.notifications.list({ limit: 50 });
 */
export class NotificationRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the feed, newest first. */
  list = (query: NotificationsQuery = {}, options?: CallOptions): Promise<NotificationList> =>
    this.http.get('notifications', query, options);

  /** Returns one notification. */
  get = (id: string, options?: CallOptions): Promise<Notification> =>
    this.http.get(path`notifications/${id}`, {}, options);

  /** Marks a notification as read or unread, or archives it. */
  update = (id: string, status: Notification['status'], options?: CallOptions): Promise<Notification> =>
    this.http.patch(path`notifications/${id}`, { status }, options);

  /** Deletes a notification. */
  delete = (id: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`notifications/${id}`, {}, options);

  /** Marks all notifications as read, or those of a type or up to one. */
  markAllRead = (
    which: { type?: string; before?: string } = {},
    options?: CallOptions,
  ): Promise<{ updated: number; unread_count: number }> =>
    this.http.post('notifications/read-all', which, options);

  /** Returns how many notifications are unread, also by type. */
  unreadCount = (options?: CallOptions): Promise<{ unread_count: number; by_type: Record<string, number> }> =>
    this.http.get('notifications/unread-count', {}, options);

  /** Returns why a notification was sent over some channels and not over others. */
  explain = (id: string, options?: CallOptions): Promise<NotificationExplanation> =>
    this.http.get(path`notifications/${id}/explanation`, {}, options);
}

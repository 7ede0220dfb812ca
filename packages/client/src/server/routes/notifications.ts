import type { RotateUnsubscribeKeysRequest, UnsubscribeRotationResponse } from '../../generated/types.gen.js';
import { type CallOptions, type Http, path } from '../../http.js';
import type {
  AcceptedNotification,
  NewNotification,
  NewNotificationType,
  NotificationProgress,
  NotificationType,
  OrganizationPreferences,
  OrganizationPreferencesChange,
  Page,
  PageQuery,
} from '../types.js';

/**
 * Notifications of your product. Needs the permission `notifications:send`.
 *
 * @example
 * const notification = { to: { users: ['theo'] }, type: 'BILLING', title: 'Your invoice is there', body: 'Thank you.' };
 * await server.notifications.send(notification, { idempotencyKey: `invoice-${invoice.id}` });
 */
export class NotificationSendRoutes {
  constructor(private readonly http: Http) {}

  /**
   * Notifies people, a role or everyone. Calls with the same `idempotencyKey` notify once, so that a job that runs again
   * sends nothing twice.
   */
  send = (
    notification: NewNotification,
    { idempotencyKey, ...options }: CallOptions & { idempotencyKey?: string } = {},
  ): Promise<AcceptedNotification> =>
    this.http.request('POST', 'notifications', {
      body: notification,
      headers: idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey },
      ...options,
    });

  /** Returns how many people were notified so far. */
  progress = (id: string, options?: CallOptions): Promise<NotificationProgress> =>
    this.http.get(path`notifications/requests/${id}`, {}, options);

  /** Stops a notification, and removes it from all feeds. Sent e-mails and pushes stay sent. */
  retract = (id: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`notifications/requests/${id}`, {}, options);
}

/**
 * The preferences of people without a choice of their own. Needs the permission `preferences:manage`.
 *
 * @example
 * await server.preferences.update({ types: { BILLING: { email: 'on' } }, locked: ['types.BILLING.email'] });
 */
export class OrganizationPreferenceRoutes {
  constructor(private readonly http: Http) {}

  /** Returns the defaults of the organization, and the locked choices. */
  get = (options?: CallOptions): Promise<OrganizationPreferences> =>
    this.http.get('admin/preferences', {}, options);

  /** Changes them. null returns to the defaults of the types. */
  update = (change: OrganizationPreferencesChange, options?: CallOptions): Promise<OrganizationPreferences> =>
    this.http.patch('admin/preferences', change, options);
}

/**
 * The types of notifications. Needs the permission `preferences:manage`.
 *
 * @example
 * await server.notificationTypes.put('RENT_DUE', { default_channels: { in_app: 'on', webhook: 'on' } });
 */
export class NotificationTypeRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the types: the built-in ones and those of the organization. */
  list = (query: PageQuery = {}, options?: CallOptions): Promise<Page<NotificationType>> =>
    this.http.get('admin/notification-types', query, options);

  /** Returns a type. */
  get = (type: string, options?: CallOptions): Promise<NotificationType> =>
    this.http.get(path`admin/notification-types/${type}`, {}, options);

  /** Creates or replaces a type. Omitted optional fields are cleared. */
  put = (type: string, content: NewNotificationType, options?: CallOptions): Promise<NotificationType> =>
    this.http.put(path`admin/notification-types/${type}`, content, options);

  /** Deletes a type. A built-in one returns to its defaults. */
  delete = (type: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`admin/notification-types/${type}`, {}, options);
}

/**
 * The keys that sign unsubscribe links. Needs the permission `keys:manage`.
 *
 * @example
 * await server.unsubscribeKeys.rotate();
 */
export class UnsubscribeKeyRoutes {
  constructor(private readonly http: Http) {}

  /** Signs the links of new e-mails with a new key. Earlier links work for 60 more days, unless they are revoked. */
  rotate = (
    given: RotateUnsubscribeKeysRequest = {},
    options?: CallOptions,
  ): Promise<UnsubscribeRotationResponse> => this.http.post('admin/unsubscribe-keys/rotate', given, options);
}

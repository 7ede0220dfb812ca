import { v7 as uuid } from 'uuid';
import { type Digest, type Priority, type StoredDecisions, nextDigest } from '#preferences';
import type { SentChannel } from '#outbound';

/** A new notification, with the addresses of its recipient. */
export interface DeliverableNotification {
  id: string;
  user_id: string;
  type: string;
  priority: Priority;
  decisions: StoredDecisions;
  /** By the clock of the database. */
  now: Date;
  /** The time zone of the person, or of the organization. */
  time_zone: string | null;
  is_read: boolean;
  has_email: boolean;
  subscriptions: string[];
}

export interface Endpoint {
  id: string;
  /** null means every type. */
  types: string[] | null;
}

export interface Planned {
  id: string;
  notification_id: string;
  user_id: string;
  channel: SentChannel;
  target_id: string;
  digest: Digest | null;
  urgent: boolean;
  /** null means at once. */
  due_at: Date | null;
}

type DeliveryTarget = Pick<Planned, 'channel' | 'target_id' | 'digest' | 'due_at'>;

/** The deliveries of one notification: channels, addresses and times. */
export function planFor(notification: DeliverableNotification, endpoints: Endpoint[]): Planned[] {
  return [...byEmail(notification), ...byWebPush(notification), ...byWebhook(notification, endpoints)].map(
    (aim) => ({
      ...aim,
      urgent: notification.priority === 'urgent' && aim.digest === null,
      id: uuid(),
      notification_id: notification.id,
      user_id: notification.user_id,
    }),
  );
}

const timeOf = (delayedUntil: Date | string | null | undefined): Date | null =>
  delayedUntil ? new Date(delayedUntil) : null;

function byEmail({
  decisions,
  has_email,
  time_zone,
  user_id,
  now,
}: DeliverableNotification): DeliveryTarget[] {
  const { value, delayed_until } = decisions.email;
  if (value === 'off' || !has_email) return [];
  const earliest = timeOf(delayed_until);
  const digest = value === 'on' ? null : value;
  const due_at = digest ? nextDigest(digest, { time_zone, organization: {} }, earliest ?? now) : earliest;
  return [{ channel: 'email', target_id: user_id, digest, due_at }];
}

function byWebPush({ decisions, subscriptions }: DeliverableNotification): DeliveryTarget[] {
  const { value, delayed_until } = decisions.web_push;
  if (value === 'off') return [];
  const due_at = timeOf(delayed_until);
  return subscriptions.map((target_id) => ({ channel: 'web_push', target_id, digest: null, due_at }));
}

function byWebhook({ decisions, type }: DeliverableNotification, endpoints: Endpoint[]): DeliveryTarget[] {
  if (decisions.webhook.value === 'off') return [];
  return endpoints
    .filter(({ types }) => types === null || types.includes(type))
    .map(({ id }) => ({ channel: 'webhook', target_id: id, digest: null, due_at: null }));
}

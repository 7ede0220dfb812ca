import { Webhook } from 'standardwebhooks';
import type { HttpContent } from './outgoing-http.js';
import type { Parcel } from './parcel.js';

/** What an endpoint is told, in the form of Standard Webhooks. */
export interface WebhookMessage {
  /** The same for every attempt. */
  id: string;
  body: string;
}

export interface Secrets {
  secret: string;
  /** While it is rotated: whoever receives knows one of the two. */
  previous_secret: string | null;
}

/** What changes after it was created is left out, so that every attempt of a delivery tells the same. */
export const createdMessage = ({ organization, delivery, notification, recipient }: Parcel): WebhookMessage =>
  messageOf(delivery.id, 'notification.created', notification.created_at, {
    id: notification.id,
    organization_id: organization.id,
    user_id: recipient.user_id,
    type: notification.type,
    title: notification.title,
    body: notification.body,
    data: notification.data,
    action_url: notification.action_url,
    priority: notification.priority,
    actor_id: notification.actor_id,
    aggregation_id: notification.aggregation_id,
    created_at: notification.created_at.toISOString(),
    expires_at: notification.expires_at?.toISOString() ?? null,
  });

export const testMessage = (id: string, organizationId: string, endpointId: string): WebhookMessage =>
  messageOf(id, 'webhook.test', new Date(), { organization_id: organizationId, webhook_id: endpointId });

const messageOf = (id: string, type: string, time: Date, data: object): WebhookMessage => ({
  id,
  body: JSON.stringify({ type, timestamp: time.toISOString(), data }),
});

/** Receivers refuse a time that is minutes off, so for a delivery it is the one of the database. */
export function signed(
  { id, body }: WebhookMessage,
  { secret, previous_secret }: Secrets,
  now = new Date(),
): HttpContent {
  const signatures = [secret, ...(previous_secret === null ? [] : [previous_secret])].map((one) =>
    new Webhook(one).sign(id, now, body),
  );
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    },
  };
}

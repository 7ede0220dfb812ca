import { Webhook } from 'standardwebhooks';
import { isId } from '#identity';
import type { HttpContent, OutboundDelivery } from '#outbound';

/** What an endpoint is told, in the form of Standard Webhooks. */
export interface WebhookMessage {
  /** The same for every attempt. */
  id: string;
  body: string;
}

/** What somebody wrote reaches an endpoint only where its owner may read messages. */
export interface Reading {
  mayReadMessages: boolean;
}

/**
 * What changes after it was created is left out, so that every attempt of a delivery says the same, as long as the
 * endpoint's owner may read the same.
 */
export function createdMessage(
  { organization, delivery, notification, recipient }: OutboundDelivery,
  { mayReadMessages }: Reading,
): WebhookMessage {
  const content =
    notification.type !== MESSAGE_TYPE || mayReadMessages ? notification : neutral(notification);
  return messageOf(delivery.id, 'notification.created', notification.created_at, {
    id: notification.id,
    organization_id: organization.id,
    user_id: recipient.user_id,
    type: notification.type,
    title: content.title,
    body: content.body,
    data: content.data,
    action_url: content.action_url,
    priority: notification.priority,
    actor_id: notification.actor_id,
    aggregation_id: notification.aggregation_id,
    created_at: notification.created_at.toISOString(),
    expires_at: notification.expires_at?.toISOString() ?? null,
  });
}

/** Everything of a conversation has this type: messages, and that somebody was added to a group of some name. */
const MESSAGE_TYPE = 'MESSAGE';

type Content = Pick<OutboundDelivery['notification'], 'title' | 'body' | 'data' | 'action_url'>;

/** Names of people, subjects of groups and texts are left out; the ids are enough to look them up with a key. */
const neutral = ({ data }: Content): Content => ({
  title: 'message_id' in data ? 'New message' : 'New conversation',
  body: '',
  data: Object.fromEntries(
    Object.entries(data).filter(
      ([name, value]) => IDS.includes(name) && typeof value === 'string' && isId(value),
    ),
  ),
  action_url: null,
});

const IDS = ['thread_id', 'message_id', 'sender_id'];

export const testMessage = (id: string, organizationId: string, endpointId: string): WebhookMessage =>
  messageOf(id, 'webhook.test', new Date(), { organization_id: organizationId, webhook_id: endpointId });

const messageOf = (id: string, type: string, time: Date, data: object): WebhookMessage => ({
  id,
  body: JSON.stringify({ type, timestamp: time.toISOString(), data }),
});

/**
 * One signature for each secret: a receiver accepts whichever it knows. Receivers refuse a time that is minutes off, so
 * for a delivery it is the one of the database.
 */
export function signed({ id, body }: WebhookMessage, secrets: string[], now = new Date()): HttpContent {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, now, body));
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

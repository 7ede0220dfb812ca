import { Webhook } from 'standardwebhooks';
import { isId } from '#identity';
import type { HttpContent, OutboundDelivery } from '#outbound';

/** The payload of a webhook, in the format of Standard Webhooks. */
export interface WebhookMessage {
  /** The same for every attempt. */
  id: string;
  body: string;
}

/** Whether message content may be sent: only if the owner of the endpoint may read messages. */
export interface MessageAccess {
  mayReadMessages: boolean;
}

/**
 * Data that changes after creation is left out, so that every attempt of a delivery has the same payload, as long as
 * the owner of the endpoint may read the same.
 */
export function createdMessage(
  { organization, delivery, notification, recipient }: OutboundDelivery,
  { mayReadMessages }: MessageAccess,
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

/** Everything about conversations has this type: messages, and additions to a group with a name. */
const MESSAGE_TYPE = 'MESSAGE';

type Content = Pick<OutboundDelivery['notification'], 'title' | 'body' | 'data' | 'action_url'>;

/** Leaves out names of people, subjects of groups and texts. The ids are enough to look them up with a key. */
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
 * One signature for each secret, because a receiver accepts any that it knows. Receivers refuse a time that is
 * minutes off, so deliveries use the time of the database.
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

import type { Notification } from '../types.js';

/**
 * The notification of a webhook. Of a message it has ids only, unless the owner of the webhook may read messages.
 *
 * @example
 * const isForTheo = ({ user_id }: WebhookNotification) => user_id === theo.id;
 */
export type WebhookNotification = Pick<
  Notification,
  | 'id'
  | 'user_id'
  | 'type'
  | 'title'
  | 'body'
  | 'data'
  | 'action_url'
  | 'priority'
  | 'actor_id'
  | 'aggregation_id'
  | 'created_at'
  | 'expires_at'
> & { organization_id: string };

interface EventOf<Type extends string, Data> {
  /** The same in every attempt: handle each id once. */
  id: string;
  type: Type;
  timestamp: string;
  data: Data;
}

/**
 * What a webhook receives. Later versions may send other types too: ignore those that you do not know.
 *
 * @example
 * const handle = (event: WebhookEvent) => event.type === 'notification.created' && save(event.data.title);
 */
export type WebhookEvent =
  | EventOf<'notification.created', WebhookNotification>
  | EventOf<'webhook.test', { organization_id: string; webhook_id: string }>;

import type * as Api from '../generated/types.gen.js';

/**
 * An endpoint that receives notifications.
 *
 * @example
 * const failing = webhooks.filter(({ failing_since }: Webhook) => failing_since !== null);
 */
export type Webhook = Api.WebhookResponse;

/**
 * A webhook to create. Without `types` it receives all of them.
 *
 * @example
 * const webhook: NewWebhook = { url: 'https://example.com/hooks/tidings', types: ['BILLING'] };
 */
export type NewWebhook = Api.CreateWebhookRequest;

/**
 * What to change of a webhook.
 *
 * @example
 * const change: WebhookChange = { rotate_secret: true };
 */
export type WebhookChange = Api.PatchWebhookRequest;

/**
 * A webhook, with its secret once: after it was created, and after a rotation.
 *
 * @example
 * const { secret }: WebhookWithSecret = await server.webhooks.update(id, { rotate_secret: true });
 */
export type WebhookWithSecret = Api.WebhookWithSecretResponse;

/**
 * How an endpoint responded to a test event.
 *
 * @example
 * const { status, error }: WebhookTestResult = await server.webhooks.test(id);
 */
export type WebhookTestResult = Api.WebhookTestResponse;

/**
 * Who may write to whom.
 *
 * @example
 * const { rules }: MessagingRules = await server.messagingRules.list();
 */
export type MessagingRules = Api.MessagingRulesResponse;

/**
 * All rules of an organization. Pairs of roles that are left out get the default.
 *
 * @example
 * const rules: NewMessagingRules = { rules: [{ from_role: 'user', to_role: 'therapist', allows: 'reply' }] };
 */
export type NewMessagingRules = Api.PutMessagingRulesRequest;

/**
 * What to change of a group.
 *
 * @example
 * const change: GroupChange = { owner: 'uma' };
 */
export type GroupChange = Omit<Api.ModerateGroupRequest, 'reason'>;

/**
 * A notification on its way to one address.
 *
 * @example
 * const isLost = ({ status }: Delivery) => status === 'failed';
 */
export type Delivery = Api.DeliveryResponse;

/**
 * Which deliveries to list.
 *
 * @example
 * const query: DeliveriesQuery = { status: 'failed', channel: 'webhook' };
 */
export type DeliveriesQuery = NonNullable<Api.ListDeliveriesData['query']>;

/**
 * An event whose handlers have failed every time.
 *
 * @example
 * const reasons = letters.map(({ last_error }: DeadLetter) => last_error);
 */
export type DeadLetter = Api.DeadLetterResponse;

/**
 * Who changed what, or read what.
 *
 * @example
 * const isOfKey = ({ api_key_id }: AuditEntry) => api_key_id !== null;
 */
export type AuditEntry = Api.AuditEntryResponse;

/**
 * Counts of an organization.
 *
 * @example
 * const { members, last_24_hours }: Stats = await server.stats.get();
 */
export type Stats = Api.StatsResponse;

export { type FieldError, type ProblemCode, TidingsError } from '../errors.js';
export type { CallOptions } from '../http.js';
export type { PersonRoutes } from '../routes/person-routes.js';
export type {
  AuditEntry,
  DeadLetter,
  DeliveriesQuery,
  Delivery,
  GroupChange,
  MessagingRules,
  NewMessagingRules,
  NewWebhook,
  Stats,
  Webhook,
  WebhookChange,
  WebhookTestResult,
  WebhookWithSecret,
} from './administration-types.js';
export { type TidingsServer, type TidingsServerOptions, createTidingsServer } from './create-server.js';
export type {
  NotificationSendRoutes,
  NotificationTypeRoutes,
  OrganizationPreferenceRoutes,
  UnsubscribeKeyRoutes,
} from './routes/notifications.js';
export type { AuditRoutes, DeadLetterRoutes, DeliveryRoutes, StatsRoutes } from './routes/operations.js';
export type { MessagingRuleRoutes, OversightRoutes } from './routes/oversight.js';
export type { ApiKeyRoutes, MemberAdminRoutes, RoleRoutes } from './routes/people.js';
export type { OrganizationRoutes, UserRoutes } from './routes/platform.js';
export type { WebhookRoutes } from './routes/webhooks.js';
export type {
  AcceptedNotification,
  ApiKey,
  CreatedApiKey,
  Member,
  NewApiKey,
  NewMember,
  NewNotification,
  NewNotificationType,
  NotificationProgress,
  NotificationType,
  Organization,
  OrganizationPreferences,
  OrganizationPreferencesChange,
  Page,
  PageQuery,
  Permission,
  Role,
  UserDeletion,
} from './types.js';
export type { OverseenMessage, OverseenThread, OverseenThreadsQuery } from '../types.js';
export { type WebhookDelivery, WebhookError, type WebhookHeaders, verifyWebhook } from './verify-webhook.js';
export type { WebhookEvent, WebhookNotification } from './webhook-events.js';

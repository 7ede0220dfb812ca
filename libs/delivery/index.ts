export { DeliveryModule } from './delivery.module.js';
export { DispatchModule } from './dispatch.module.js';
export { type CancelReason, isPublicReason } from './cancel-reason.js';
export { Deliveries } from './deliveries.service.js';
export { PushSubscriptions } from './push-subscriptions.service.js';
export type { ShownSubscription } from './push-subscriptions.repository.js';
export {
  DELIVERY_STATUSES,
  type Delivery,
  type DeliveryStatus,
  SENT_CHANNELS,
  type SentChannel,
} from './entities.js';
export {
  type EndpointPatch,
  type EndpointWithSecret,
  MOST_ENDPOINTS,
  type TestResult,
  WebhookEndpoints,
} from './webhook-endpoints.service.js';
export type { EndpointRow } from './webhook-endpoints.repository.js';
export { type Subscription, Unsubscriptions } from './unsubscriptions.service.js';
export { type UnsubscribeRotation, UnsubscribeKeys } from './unsubscribe-keys.service.js';
export { SecretRotationModule } from './secret-rotation.module.js';
export { SecretRotation } from './secret-rotation.service.js';
export { labelOf } from './mail-content.js';
export { type Markup, markup } from './markup.js';
export { erasePushSubscriptions } from './erasure.repository.js';

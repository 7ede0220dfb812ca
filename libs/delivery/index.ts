export { DeliveryModule } from './delivery.module.js';
export { DispatchModule } from './dispatch.module.js';
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

export { erasePushSubscriptions } from './erasure.queries.js';
export { MemberRemovedHandler } from './member-removed.handler.js';
export { PushSender } from './push-sender.js';
export { PushSubscription } from './push-subscription.entity.js';
export type { ShownSubscription } from './push-subscriptions.queries.js';
export { PushSubscriptionsService } from './push-subscriptions.service.js';
export { PushSenderModule, WebPushModule } from './web-push.module.js';

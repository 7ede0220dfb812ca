export { ChangePublisherModule } from './change-publisher.module.js';
export { Cursors } from './cursors.js';
export type { FeedListener, FeedSubscription } from './feed-subscription.js';
export { RealtimeHub } from './realtime-hub.js';
export { RealtimeModule } from './realtime.module.js';
export { type Following, type Sync, SyncService } from './sync.service.js';

export { type FeedCount, countFeed } from './counting.queries.js';
export { eraseNotifications, eraseUnreadCounts, hideFromBlockers } from './erasure.queries.js';
export type { NotificationRow } from './feed.queries.js';
export { NotificationFeedService } from './feed.service.js';
export { FeedSignal } from './feed-signal.js';
export {
  type FeedNews,
  type FeedPosition,
  findLastSeqs,
  findBySeq,
  findNewer,
  findNews,
  isLive,
  markReached,
} from './live.queries.js';
export { NotificationHandlersModule, NotificationsModule } from './notifications.module.js';
export type { RequestRow } from './requests.queries.js';
export { NotificationRequestsService, type RequestInput, type RequestResult } from './requests.service.js';
export { NOTIFICATIONS_RETENTION, RetentionService } from './retention.service.js';
export { LISTED, type Listed, STATUSES, type Status } from './status.js';
export { markEmailed } from './writing.queries.js';

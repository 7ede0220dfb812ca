export { eraseNotifications, eraseUnreadCounts, hideFromBlockers } from './erasure.queries.js';
export type { NotificationRow } from './feed.queries.js';
export { NotificationFeedService } from './feed.service.js';
export { type FeedPosition, findLastSeqs, findNewer, markReached } from './live.queries.js';
export { NotificationsModule } from './notifications.module.js';
export type { RequestRow } from './requests.queries.js';
export { NotificationRequestsService, type RequestInput, type RequestResult } from './requests.service.js';
export { NOTIFICATIONS_RETENTION, RetentionService } from './retention.service.js';
export { LISTED, type Listed, STATUSES, type Status } from './status.js';

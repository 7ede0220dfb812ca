export { NotificationsModule } from './notifications.module.js';
export { type DeadLetterFilter, DeadLetters } from './dead-letters.service.js';
export { NotificationFeed } from './feed.service.js';
export { NotificationRequests, type RequestAnswer, type RequestInput } from './requests.service.js';
export { NOTIFICATIONS_RETENTION, Retention } from './retention.service.js';
export type { RequestRow } from './requests.repository.js';
export type { NotificationRow } from './feed.repository.js';
export { LISTED, type Listed, STATUSES, type Status } from './status.js';
export { type FeedPosition, findLastSeqs, findNewer, markReached } from './live.repository.js';

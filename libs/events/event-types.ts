import type { EventType } from './event-map.js';

/** Lists each type of EventMap once. A missing type does not compile. */
const TYPES: Record<EventType, true> = {
  'member.joined': true,
  'member.removed': true,
  'member.leaving': true,
  'thread.created': true,
  'thread.read': true,
  'participant.joined': true,
  'participant.left': true,
  'message.sent': true,
  'message.edited': true,
  'message.deleted': true,
  'notification.requested': true,
  'notification.retracted': true,
  'notifications.reading': true,
  'notification.created': true,
  'delivery.requested': true,
  'user.blocked': true,
  'user.unblocked': true,
  'user.deleting': true,
  'member.erasing': true,
  'member.erased': true,
  'webhook.disabled': true,
  'preferences.changed': true,
};

/** The event types that this version knows, with or without a handler. */
export const EVENT_TYPES = Object.keys(TYPES) as EventType[];

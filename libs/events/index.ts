export type { EventMap, EventType } from './event-map.js';
export { EVENT_TYPES } from './event-types.js';

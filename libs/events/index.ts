export type { EventMap, EventType } from './event-map.js';
export { EVENT_TYPES } from './event-types.js';
export { Gathering } from './gathering.js';
export { Handles, HandlesTogether, type RecordedEvent } from './handles.js';
export { firstPortion } from './portion.js';

export type { EventMap, EventType } from './event-map.js';
export { Handles, type RecordedEvent } from './handles.js';

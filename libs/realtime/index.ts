export { AnnouncingModule } from './announcing.module.js';
export { RealtimeModule } from './realtime.module.js';
export { Streams } from './streams.js';
export type { Outlet, Stream } from './stream.js';

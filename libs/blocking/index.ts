export { OWN_BLOCKERS, blockedBy, blockersOf, hasBlocked, notBlocked } from './block-conditions.queries.js';
export { BlockingModule } from './blocking.module.js';
export { BlockingService } from './blocking.service.js';
export type { BlockedPerson } from './blocks.queries.js';
export { DirectoryService } from './directory.service.js';
export { eraseBlocks } from './erasure.queries.js';

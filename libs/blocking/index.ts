export { BlockingModule } from './blocking.module.js';
export { Blocking } from './blocking.service.js';
export { Directory } from './directory.service.js';
export { eraseBlocks } from './erasure.repository.js';
export type { BlockedPerson } from './blocks.repository.js';
export type { Profile } from './directory.repository.js';

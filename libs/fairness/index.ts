export { FairSemaphore, type FairSemaphoreOptions } from './fair-semaphore.js';

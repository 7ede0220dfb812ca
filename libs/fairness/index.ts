export { FairSemaphore, type FairSemaphoreOptions, NoPermitError } from './fair-semaphore.js';

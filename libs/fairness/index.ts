export { FairSemaphore, NoPermitError } from './fair-semaphore.js';

export { Batcher } from './batcher.js';
export { takeBatch } from './take-batch.js';
export { WakeSignal } from './wake-signal.js';

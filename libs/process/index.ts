export { NestLogger, createLogger } from './logger.js';
export { announceReady, inProcesses } from './processes.js';
export { environment, onDatabase, run, urlsOf } from './start.js';
export { type StopReason, closeInTime, stopRequested } from './stop.js';

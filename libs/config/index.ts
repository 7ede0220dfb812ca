export type { Authentication } from './authentication.js';
export { CONFIG, type Config, readConfig } from './config.js';
export { ConfigModule } from './config.module.js';
export { ConfigurationError } from './environment.js';

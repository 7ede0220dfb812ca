export { ConfigModule } from './config.module.js';
export {
  CONFIG,
  type Config,
  DEVELOPMENT_PLATFORM_KEY,
  readConfig,
  readDatabaseConfig,
  readWorkerConfig,
} from './config.js';
export type { DatabaseConfig } from './database.js';
export { ConfigurationError } from './environment.js';
export { VERSION } from './version.js';
export type { WorkerConfig } from './worker.js';

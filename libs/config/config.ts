import { type Authentication, readAuthentication } from './authentication.js';
import { type DatabaseConfig, readDatabase } from './database.js';
import { ConfigurationError, EnvironmentReader } from './environment.js';
import { readHost } from './host.js';
import { type WorkerConfig, readWorker } from './worker.js';

/** The settings of the server. They include those of the worker, which may run inside it. */
export interface Config extends WorkerConfig {
  port: number;
  host: string;
  demo: boolean;
  authentication: Authentication;
  platformApiKey?: string;
  corsOrigins: string[];
  /** Requests per minute for each caller and route. null means no limit. */
  rateLimit: number | null;
  worker: 'inline' | 'off';
}

type Environment = Record<string, string | undefined>;

/** The platform key of AUTH_MODE=dev, in which anybody can get a token anyway. Swagger UI and the README use it. */
export const DEVELOPMENT_PLATFORM_KEY = 'the-platform-key-of-development-only';

/** The injection token of the configuration: a WorkerConfig in a worker, a Config in the server. */
export const CONFIG = Symbol('CONFIG');

/** Reads the settings of the server. */
export function readConfig(environment: Environment): Config {
  const read = new EnvironmentReader(environment);
  const worker = readWorker(read);
  const embedded = worker.database === null;
  const authentication = readAuthentication(read, worker.production, embedded);
  const port = read.port();
  if (worker.metrics && port !== 0 && worker.metrics.port === port) {
    throw new ConfigurationError('METRICS_PORT must differ from PORT.');
  }

  return {
    ...worker,
    port,
    host: readHost(read, worker.production),
    demo: read.flag('DEMO', embedded),
    authentication,
    platformApiKey:
      read.secret('PLATFORM_API_KEY') ??
      (authentication.mode === 'dev' ? DEVELOPMENT_PLATFORM_KEY : undefined),
    corsOrigins: read.origins('CORS_ORIGINS'),
    rateLimit: read.text('RATE_LIMIT') === 'off' ? null : read.integer('RATE_LIMIT', 600, 1, 1_000_000),
    worker: read.choice('WORKER', ['inline', 'off'], 'inline'),
  };
}

/** Reads the settings of a separate worker, which verifies no tokens and does not listen. */
export const readWorkerConfig = (environment: Environment): WorkerConfig =>
  readWorker(new EnvironmentReader(environment));

/** Reads the settings of a command, which only needs a database. */
export const readDatabaseConfig = (environment: Environment): DatabaseConfig =>
  readDatabase(new EnvironmentReader(environment));

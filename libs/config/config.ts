import { type Authentication, readAuthentication } from './authentication.js';
import { ConfigurationError, EnvironmentReader } from './environment.js';
import { type Mail, readMail } from './mail.js';
import { type Secrets, readSecrets } from './secrets.js';

export interface Config {
  production: boolean;
  port: number;
  host: string;
  /** null: the embedded PostgreSQL in dataDir. */
  database: { request: string; relay: string; migrate: string } | null;
  dataDir: string;
  demo: boolean;
  authentication: Authentication;
  platformApiKey?: string;
  secrets: Secrets;
  corsOrigins: string[];
  /** Requests a minute for each caller and route; null: no limit. */
  rateLimit: number | null;
  worker: 'inline' | 'off';
  /** Where people reach us, for links in mails. */
  publicUrl: string;
  /** null: no e-mail is sent. */
  mail: Mail | null;
  webhookAllowPrivate: boolean;
  /** How many deliveries a worker sends at the same time, by queue. */
  concurrency: Record<'email' | 'digest' | 'web_push' | 'webhook', number>;
  /** How long dead letters, finished requests, read marks, message versions and revoked keys are kept. */
  retentionDays: number;
  /** Where /metrics is served, by itself; null: with everything else, and by no worker. */
  metrics: { port: number; host: string } | null;
  logLevel: (typeof LOG_LEVELS)[number];
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const MAX_CONCURRENCY = 1000;
const POSTGRES = ['postgres:', 'postgresql:'];

/** Where anybody can have a token anyway, Swagger UI and the README's tour use this platform key. */
export const DEVELOPMENT_PLATFORM_KEY = 'the-platform-key-of-development-only';

/** Injected wherever a provider needs the configuration. */
export const CONFIG = Symbol('CONFIG');

export function readConfig(environment: Record<string, string | undefined>): Config {
  const read = new EnvironmentReader(environment);
  const production = read.text('NODE_ENV') === 'production';
  const request = read.url('DATABASE_URL', POSTGRES);
  const relay = read.url('DATABASE_RELAY_URL', POSTGRES);
  const migrate = read.url('DATABASE_MIGRATE_URL', POSTGRES);

  const alone = relay ? 'DATABASE_RELAY_URL' : migrate && 'DATABASE_MIGRATE_URL';
  if (alone && !request)
    throw new ConfigurationError(`${alone} is for the server of DATABASE_URL, which must be set too.`);
  const authentication = readAuthentication(read, production, !request);
  const isDevelopment = authentication.mode === 'dev';
  const port = read.integer('PORT', 3000, 0, 65535);
  const dataDir = read.text('DATA_DIR') ?? '.tidings';
  // Whoever can reach a server that hands out tokens is an admin of it.
  const host = read.text('HOST') ?? (isDevelopment ? 'localhost' : '0.0.0.0');

  return {
    production,
    port,
    host,
    database: request ? { request, relay: relay ?? request, migrate: migrate ?? request } : null,
    dataDir,
    demo: read.flag('DEMO', !request),
    authentication,
    platformApiKey: read.secret('PLATFORM_API_KEY') ?? (isDevelopment ? DEVELOPMENT_PLATFORM_KEY : undefined),
    secrets: readSecrets(read, production),
    corsOrigins: read.origins('CORS_ORIGINS'),
    rateLimit: read.text('RATE_LIMIT') === 'off' ? null : read.integer('RATE_LIMIT', 600, 1, 1_000_000),
    worker: read.choice('WORKER', ['inline', 'off'], 'inline'),
    ...readMail(read, { production, port, dataDir }),
    webhookAllowPrivate: read.flag('WEBHOOK_ALLOW_PRIVATE', false),
    concurrency: {
      email: read.integer('EMAIL_CONCURRENCY', 8, 1, MAX_CONCURRENCY),
      digest: read.integer('DIGEST_CONCURRENCY', 4, 1, MAX_CONCURRENCY),
      web_push: read.integer('WEB_PUSH_CONCURRENCY', 32, 1, MAX_CONCURRENCY),
      webhook: read.integer('WEBHOOK_CONCURRENCY', 100, 1, MAX_CONCURRENCY),
    },
    retentionDays: read.integer('RETENTION_DAYS', 400, 30, 36_500),
    metrics: readMetrics(read, port, host),
    logLevel: read.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

function readMetrics(read: EnvironmentReader, serverPort: number, serverHost: string): Config['metrics'] {
  if (read.text('METRICS_PORT') === undefined) return null;
  const port = read.integer('METRICS_PORT', 0, 0, 65535);
  if (port !== 0 && port === serverPort) throw new ConfigurationError('METRICS_PORT must differ from PORT.');
  return { port, host: read.text('METRICS_HOST') ?? serverHost };
}

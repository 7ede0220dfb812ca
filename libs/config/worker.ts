import { availableParallelism } from 'node:os';
import { type DatabaseConfig, readDatabase } from './database.js';
import type { EnvironmentReader } from './environment.js';
import { readHost } from './host.js';
import { type Mail, readMail } from './mail.js';
import { type Secrets, readSecrets } from './secrets.js';

/** The settings of a worker, separate or inside the server. */
export interface WorkerConfig extends DatabaseConfig {
  /** The public URL of the server, for links in mails. */
  publicUrl: string;
  /** null means that no e-mail is sent. */
  mail: Mail | null;
  webhookAllowPrivate: boolean;
  secrets: Secrets;
  /** How many deliveries a worker sends concurrently, by queue. */
  concurrency: Record<'email' | 'digest' | 'web_push' | 'webhook', number>;
  /** How long dead letters, finished requests, read marks, message versions and revoked keys are kept. */
  retentionDays: number;
  /** A separate address for /metrics. null: the server serves it with everything else, and a worker serves none. */
  metrics: { port: number; host: string } | null;
  logLevel: (typeof LOG_LEVELS)[number];
  /** How many processes share the work. */
  processes: number;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const MAX_CONCURRENCY = 1000;
const MAX_PROCESSES = 64;

export function readWorker(read: EnvironmentReader): WorkerConfig {
  const database = readDatabase(read);
  return {
    ...database,
    ...readMail(read, database),
    webhookAllowPrivate: read.flag('WEBHOOK_ALLOW_PRIVATE', false),
    secrets: readSecrets(read, database.production),
    concurrency: {
      email: read.integer('EMAIL_CONCURRENCY', 8, 1, MAX_CONCURRENCY),
      digest: read.integer('DIGEST_CONCURRENCY', 4, 1, MAX_CONCURRENCY),
      web_push: read.integer('WEB_PUSH_CONCURRENCY', 32, 1, MAX_CONCURRENCY),
      webhook: read.integer('WEBHOOK_CONCURRENCY', 100, 1, MAX_CONCURRENCY),
    },
    retentionDays: read.integer('RETENTION_DAYS', 400, 30, 36_500),
    metrics: readMetrics(read, database.production),
    logLevel: read.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
    processes:
      read.text('PROCESSES') === 'auto'
        ? availableParallelism()
        : read.integer('PROCESSES', 1, 1, MAX_PROCESSES),
  };
}

function readMetrics(read: EnvironmentReader, production: boolean): WorkerConfig['metrics'] {
  if (read.text('METRICS_PORT') === undefined) return null;
  const host = read.text('METRICS_HOST') ?? readHost(read, production);
  return { port: read.integer('METRICS_PORT', 0, 0, 65535), host };
}

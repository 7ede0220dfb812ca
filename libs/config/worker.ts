import { type DatabaseConfig, readDatabase } from './database.js';
import type { EnvironmentReader } from './environment.js';
import { type Mail, readMail } from './mail.js';

/** What a worker reads, whether it runs by itself or inside the server. */
export interface WorkerConfig extends DatabaseConfig {
  /** Where people reach us, for links in mails. */
  publicUrl: string;
  /** null: no e-mail is sent. */
  mail: Mail | null;
  webhookAllowPrivate: boolean;
  logLevel: (typeof LOG_LEVELS)[number];
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export function readWorker(read: EnvironmentReader): WorkerConfig {
  const database = readDatabase(read);
  return {
    ...database,
    ...readMail(read, database),
    webhookAllowPrivate: read.flag('WEBHOOK_ALLOW_PRIVATE', false),
    logLevel: read.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

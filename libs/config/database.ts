import { ConfigurationError, type EnvironmentReader } from './environment.js';

/** The settings of every program. */
export interface DatabaseConfig {
  /**
   * False in development. This is the only definition of the two: NODE_ENV decides and, without it, whether
   * DATABASE_URL is set. AUTH_MODE has no influence.
   */
  production: boolean;
  /** null means the embedded PostgreSQL in dataDir. */
  database: { request: string; relay: string; migrate: string } | null;
  dataDir: string;
}

const POSTGRES = ['postgres:', 'postgresql:'];

export function readDatabase(read: EnvironmentReader): DatabaseConfig {
  const request = read.url('DATABASE_URL', POSTGRES);
  const relay = read.url('DATABASE_RELAY_URL', POSTGRES);
  const migrate = read.url('DATABASE_MIGRATE_URL', POSTGRES);
  const alone = relay ? 'DATABASE_RELAY_URL' : migrate && 'DATABASE_MIGRATE_URL';
  if (alone && !request)
    throw new ConfigurationError(`${alone} is for the server of DATABASE_URL, which must be set too.`);
  return {
    production: readProduction(read, !request),
    database: request ? { request, relay: relay ?? request, migrate: migrate ?? request } : null,
    dataDir: read.text('DATA_DIR') ?? '.tidings',
  };
}

/** With DATABASE_URL the default is production, because development accepts weak keys and sends no mail. */
const readProduction = (read: EnvironmentReader, embedded: boolean): boolean =>
  read.choice('NODE_ENV', ['production', 'development'], embedded ? 'development' : 'production') ===
  'production';

import { ConfigurationError, type EnvironmentReader } from './environment.js';

/** The keys that encrypt secrets in the database. */
export interface Secrets {
  key: string;
  /** Only for reading: the previous key or, while a new one is deployed, the next one. */
  previousKey?: string;
  isDevelopmentKey: boolean;
}

const DEVELOPMENT_SECRETS_KEY = 'the-secrets-key-of-development-only';

export function readSecrets(read: EnvironmentReader, production: boolean): Secrets {
  const key = read.secret('SECRETS_KEY');
  const previousKey = read.secret('SECRETS_KEY_PREVIOUS');
  if (!key && production) {
    throw new ConfigurationError(
      'SECRETS_KEY must be set in production: it encrypts secrets in the database.',
    );
  }
  return { key: key ?? DEVELOPMENT_SECRETS_KEY, previousKey, isDevelopmentKey: key === undefined };
}

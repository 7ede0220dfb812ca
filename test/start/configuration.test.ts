import { expect, it } from 'vitest';
import {
  ConfigurationError,
  DEVELOPMENT_PLATFORM_KEY,
  readConfig,
  readDatabaseConfig,
  readWorkerConfig,
} from '#config';

const SECRET = 'a secret of at least thirty-two characters';
const NOT_IN_USE = {
  DATABASE_URL: 'postgresql://somebody@127.0.0.1:1/nothing',
  SECRETS_KEY: 'a secrets key of at least thirty-two characters',
};

const PRODUCTION = {
  ...NOT_IN_USE,
  NODE_ENV: 'production',
  AUTH_JWKS_URL: 'https://issuer.example/jwks',
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_AUDIENCE: 'tidings',
};

it.each<[string, Record<string, string>, RegExp]>([
  ['a port that is not a number', { PORT: 'abc' }, /^PORT must be a whole number/],
  ['a port that does not exist', { PORT: '65536' }, /^PORT must be a whole number from 0 to 65535/],
  ['an unknown log level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of: trace,/],
  [
    'a database of another kind',
    { DATABASE_URL: 'mysql://127.0.0.1/tidings' },
    /^DATABASE_URL must be a URL/,
  ],
  [
    'tokens for anybody in production',
    { ...NOT_IN_USE, AUTH_MODE: 'dev', NODE_ENV: 'production' },
    /^AUTH_MODE=dev issues tokens to anyone and is refused in production/,
  ],
  [
    'a shared secret in production',
    { ...NOT_IN_USE, AUTH_JWT_SECRET: SECRET, NODE_ENV: 'production' },
    /^AUTH_JWT_SECRET is refused in production/,
  ],
  [
    'tokens for anybody with DATABASE_URL and no NODE_ENV',
    { ...NOT_IN_USE, AUTH_MODE: 'dev', NODE_ENV: '' },
    /^AUTH_MODE=dev issues tokens to anyone and is refused in production/,
  ],
  [
    'a shared secret with DATABASE_URL and no NODE_ENV',
    { ...NOT_IN_USE, AUTH_JWT_SECRET: SECRET, NODE_ENV: '' },
    /^AUTH_JWT_SECRET is refused in production/,
  ],
  [
    'an unknown NODE_ENV',
    { ...NOT_IN_USE, NODE_ENV: 'staging' },
    /^NODE_ENV must be one of: production, development\./,
  ],
  [
    'a secret that is too short',
    { ...NOT_IN_USE, AUTH_JWT_SECRET: SECRET.slice(0, 31) },
    /^AUTH_JWT_SECRET must have at least 32 characters/,
  ],
  [
    'a login for a database without DATABASE_URL',
    { DATABASE_MIGRATE_URL: NOT_IN_USE.DATABASE_URL },
    /^DATABASE_MIGRATE_URL is for the server of DATABASE_URL/,
  ],
  ['no key to check tokens with', NOT_IN_USE, /^AUTH_JWKS_URL must be set/],
  [
    'AUTH_JWKS_URL without AUTH_ISSUER',
    { ...NOT_IN_USE, AUTH_JWKS_URL: 'https://issuer.example/jwks', AUTH_AUDIENCE: 'tidings' },
    /^AUTH_ISSUER must be set with AUTH_JWKS_URL/,
  ],
  [
    'a concurrency of zero',
    { EMAIL_CONCURRENCY: '0' },
    /^EMAIL_CONCURRENCY must be a whole number from 1 to 1000/,
  ],
  [
    'a mail server of another kind',
    { SMTP_URL: 'http://127.0.0.1:25' },
    /^SMTP_URL must be a URL that begins with/,
  ],
  ['a MAIL_FROM that is not an address', { MAIL_FROM: 'Tidings' }, /^MAIL_FROM must be an address such as/],
  ['two senders', { MAIL_FROM: 'a@example.com, b@example.com' }, /^MAIL_FROM must be an address such as/],
  [
    'a PUBLIC_URL that is not a URL',
    { PUBLIC_URL: 'tidings.example' },
    /^PUBLIC_URL must be a URL that begins with/,
  ],
  [
    'a PUBLIC_URL with a query',
    { PUBLIC_URL: 'https://tidings.example/?a=1' },
    /^PUBLIC_URL must end with its path/,
  ],
  [
    'production without a key for secrets',
    { ...PRODUCTION, SECRETS_KEY: '' },
    /^SECRETS_KEY must be set in production/,
  ],
  [
    'a key for secrets that is too short',
    { SECRETS_KEY: SECRET.slice(0, 31) },
    /^SECRETS_KEY must have at least 32 characters/,
  ],
  [
    'a previous key for secrets that is too short',
    { SECRETS_KEY_PREVIOUS: SECRET.slice(0, 31) },
    /^SECRETS_KEY_PREVIOUS must have at least 32 characters/,
  ],
  [
    'mail in production without PUBLIC_URL',
    { ...PRODUCTION, SMTP_URL: 'smtp://127.0.0.1', MAIL_FROM: 'a@example.com' },
    /^PUBLIC_URL must be set with SMTP_URL/,
  ],
  [
    'mail in production without MAIL_FROM',
    { ...PRODUCTION, SMTP_URL: 'smtp://127.0.0.1', PUBLIC_URL: 'https://tidings.example' },
    /^MAIL_FROM must be set with SMTP_URL/,
  ],
])('refuses a configuration with %s', (_what, environment, sentence) => {
  let refusal: unknown;
  try {
    readConfig({ NODE_ENV: 'development', ...environment });
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(ConfigurationError);
  expect((refusal as Error).message).toMatch(sentence);
  expect((refusal as Error).message).toMatch(/^[^\n]+\.$/);
});

it.each<[string, Record<string, string>, boolean, string]>([
  ['without DATABASE_URL', {}, false, 'localhost'],
  [
    'without DATABASE_URL, with AUTH_MODE=jwt',
    { AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET },
    false,
    'localhost',
  ],
  [
    'with DATABASE_URL and NODE_ENV=development',
    { ...NOT_IN_USE, NODE_ENV: 'development', AUTH_JWT_SECRET: SECRET },
    false,
    'localhost',
  ],
  ['with DATABASE_URL', { ...PRODUCTION, NODE_ENV: '' }, true, '0.0.0.0'],
  [
    'without DATABASE_URL, with NODE_ENV=production',
    { ...PRODUCTION, DATABASE_URL: '', AUTH_MODE: 'jwt' },
    true,
    '0.0.0.0',
  ],
  ['with HOST in development', { HOST: '192.0.2.1' }, false, '192.0.2.1'],
  ['with HOST in production', { ...PRODUCTION, HOST: '192.0.2.1' }, true, '192.0.2.1'],
])(
  'tells development from production and listens accordingly: %s',
  (_what, environment, production, host) => {
    const metrics = { METRICS_PORT: '9090' };
    expect(readConfig({ ...environment, ...metrics })).toMatchObject({ production, host, metrics: { host } });
    expect(readWorkerConfig({ ...environment, ...metrics })).toMatchObject({ production, metrics: { host } });
    expect(readDatabaseConfig(environment)).toMatchObject({ production });
  },
);

it('has a known platform key only where anybody can get a token', () => {
  expect(readConfig({}).platformApiKey).toBe(DEVELOPMENT_PLATFORM_KEY);
  expect(readConfig({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET }).platformApiKey).toBeUndefined();
  expect(readConfig(PRODUCTION).platformApiKey).toBeUndefined();
});

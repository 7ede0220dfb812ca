import { randomBytes } from 'node:crypto';
import { ConfigurationError, type EnvironmentReader } from './environment.js';

/**
 * How people's tokens are verified: with a shared secret (always for dev, for jwt outside production) or with a JWKS.
 */
export type Authentication =
  | { mode: 'dev' | 'jwt'; secret: string; issuer?: string; audience?: string }
  | { mode: 'jwt'; jwksUrl: string; issuer: string; audience: string };

export function readAuthentication(
  read: EnvironmentReader,
  production: boolean,
  embedded: boolean,
): Authentication {
  const mode = read.choice('AUTH_MODE', ['jwt', 'dev'], embedded ? 'dev' : 'jwt');
  const secret = read.secret('AUTH_JWT_SECRET');
  const jwksUrl = read.url('AUTH_JWKS_URL', ['https:', 'http:']);
  const issuer = read.text('AUTH_ISSUER');
  const audience = read.text('AUTH_AUDIENCE');

  if (mode === 'dev') {
    if (production) {
      throw new ConfigurationError(
        'AUTH_MODE=dev issues tokens to anyone and is refused in production: set AUTH_JWKS_URL, or NODE_ENV=development.',
      );
    }
    return { mode, secret: secret ?? randomBytes(32).toString('base64url') };
  }
  if (jwksUrl && secret) {
    throw new ConfigurationError('Set AUTH_JWKS_URL or AUTH_JWT_SECRET, not both.');
  }
  if (jwksUrl) {
    if (!issuer || !audience) {
      throw new ConfigurationError(
        `${issuer ? 'AUTH_AUDIENCE' : 'AUTH_ISSUER'} must be set with AUTH_JWKS_URL, so that tokens made for others are refused.`,
      );
    }
    return { mode, jwksUrl, issuer, audience };
  }
  if (!secret) {
    throw new ConfigurationError('AUTH_JWKS_URL must be set, or AUTH_JWT_SECRET with NODE_ENV=development.');
  }
  if (production) {
    throw new ConfigurationError(
      'AUTH_JWT_SECRET is refused in production: set AUTH_JWKS_URL, so that only the issuer can sign, or NODE_ENV=development.',
    );
  }
  return { mode, secret, issuer, audience };
}

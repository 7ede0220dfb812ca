import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyOptions,
  SignJWT,
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { CONFIG, type Config } from '#config';
import { isId } from '#identity';
import { InvalidToken, Problem } from '#problem';

export interface PersonClaims {
  userId: string;
  organizationId: string;
}

/** The claims of a valid token, and when it expires. */
export interface VerifiedClaims extends PersonClaims {
  expiresAt: Date;
}

const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const TYPES = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];
const CLOCK_SKEW_SECONDS = 30;
const REFRESH_MILLISECONDS = 10 * 60_000;
const COOLDOWN_MILLISECONDS = 30_000;

/** How long a verified token is cached. A key that its issuer revokes stays valid longer than this anyway. */
const KNOWN_MILLISECONDS = 60_000;
const KNOWN_CHARACTERS = 8_000_000;

interface Known {
  claims: VerifiedClaims;
  goodUntil: number;
}

type Verify = (token: string, options: JWTVerifyOptions) => ReturnType<typeof jwtVerify>;

/** Verifies people's tokens. Key, algorithm, issuer and audience come from the configuration, never from the token. */
@Injectable()
export class TokenVerifier implements OnApplicationShutdown {
  private readonly verifySignature: Verify;
  private readonly options: JWTVerifyOptions;
  private readonly secret?: Uint8Array;
  /**
   * Caches verified tokens: people send the same one with each request, and to verify its signature costs a third of
   * an empty request.
   */
  private readonly known = new LRUCache<string, Known>({
    ttl: KNOWN_MILLISECONDS,
    maxSize: KNOWN_CHARACTERS,
    sizeCalculation: (_known, token) => token.length,
  });
  private refresh?: NodeJS.Timeout;
  private nextFetch = 0;

  constructor(@Inject(CONFIG) { authentication }: Config) {
    this.options = {
      issuer: authentication.issuer,
      audience: authentication.audience,
      clockTolerance: CLOCK_SKEW_SECONDS,
      requiredClaims: ['exp', 'sub', 'org'],
    };
    if ('secret' in authentication) {
      const secret = (this.secret = new TextEncoder().encode(authentication.secret));
      this.verifySignature = (token, options) =>
        jwtVerify(token, secret, { ...options, algorithms: ['HS256'] });
    } else {
      const keys = this.fetchKeys(authentication.jwksUrl);
      this.verifySignature = (token, options) =>
        jwtVerify(token, keys, { ...options, algorithms: ASYMMETRIC });
    }
  }

  /**
   * Throws InvalidToken unless this is a valid token of a person. The error distinguishes only expired tokens, whose
   * signature is checked first. It does not say what else is wrong, because a forger could use that.
   */
  async verify(token: string): Promise<VerifiedClaims> {
    const claims = await this.claimsOf(token);
    if (!claims) throw new InvalidToken('The signature or the claims of the token are wrong: get a new one.');
    return claims;
  }

  private async claimsOf(token: string): Promise<VerifiedClaims | null> {
    const known = this.known.get(token);
    if (known) {
      if (Date.now() < known.goodUntil) return known.claims;
      throw expired();
    }
    try {
      const { payload, protectedHeader } = await this.verifySignature(token, this.options);
      const claims = TYPES.includes(protectedHeader.typ?.toLowerCase()) ? claimsOf(payload) : null;
      if (claims) this.known.set(token, { claims, goodUntil: goodUntil(payload) });
      return claims;
    } catch (error) {
      // Without the issuer's keys, nobody can distinguish a valid token from a forged one, so this is no fault of the caller.
      if (this.refresh && !isFaultOfToken(error))
        throw new Problem(
          'unavailable',
          'The keys that verify tokens cannot be read: try again in a minute.',
        );
      if (error instanceof errors.JWTExpired) throw expired();
      return null;
    }
  }

  /** Signs a token with AUTH_JWT_SECRET, which exists only in development. */
  async sign({ userId, organizationId }: PersonClaims, lifetime: string): Promise<string> {
    if (!this.secret) throw new Error('Tokens are signed by the issuer of AUTH_JWKS_URL.');
    const token = new SignJWT({ org: organizationId })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId);
    if (typeof this.options.issuer === 'string') token.setIssuer(this.options.issuer);
    if (typeof this.options.audience === 'string') token.setAudience(this.options.audience);
    return token.setIssuedAt().setExpirationTime(lifetime).sign(this.secret);
  }

  onApplicationShutdown(): void {
    clearInterval(this.refresh);
  }

  /** Limits fetches of the keys. jose waits only after successful fetches; this waits after failed ones too. */
  private async fetchSeldom(...[url, options]: Parameters<FetchImplementation>): Promise<Response> {
    if (Date.now() < this.nextFetch) throw new Error('The keys were asked for a moment ago.');
    this.nextFetch = Date.now() + COOLDOWN_MILLISECONDS;
    return fetch(url, options);
  }

  /**
   * Known keys stay valid while the issuer cannot be reached, so they do not expire. They are fetched again every ten
   * minutes, and for an unknown key id at most once in thirty seconds.
   */
  private fetchKeys(url: string) {
    const keys = createRemoteJWKSet(new URL(url), {
      cacheMaxAge: Infinity,
      cooldownDuration: COOLDOWN_MILLISECONDS,
      [customFetch]: (...request) => this.fetchSeldom(...request),
    });
    const logger = new Logger('TokenVerifier');
    this.refresh = setInterval(() => {
      keys.reload().catch((error: unknown) => logger.warn(`Fetching AUTH_JWKS_URL failed: ${String(error)}`));
    }, REFRESH_MILLISECONDS).unref();
    return keys;
  }
}

const expired = (): Problem => new InvalidToken('The token has expired: get a new one.');

const isFaultOfToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError && !KEYS_UNREADABLE.includes(error.code);

const KEYS_UNREADABLE = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'];

const goodUntil = ({ exp }: JWTPayload): number => (exp! + CLOCK_SKEW_SECONDS) * 1000;

function claimsOf({ sub, org, exp }: JWTPayload): VerifiedClaims | null {
  if (typeof org !== 'string' || !sub || !isId(sub) || !isId(org)) return null;
  return {
    userId: sub.toLowerCase(),
    organizationId: org.toLowerCase(),
    expiresAt: new Date(exp! * 1000),
  };
}

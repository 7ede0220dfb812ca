import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Credentials } from '#access';
import { CONFIG, type Config } from '#config';
import type { Caller } from '#identity';
import type { Problem } from '#problem';
import { networkOf } from './client-address.js';
import { bucketOf, overLimit } from './over-limit.js';
import { isDocumentation } from './route-kinds.js';

/** Has credentials once they are authenticated, and a caller once it is resolved. */
type GuardedRequest = FastifyRequest & { user?: Credentials; caller?: Caller };

const WINDOW_SECONDS = 60;

/**
 * Counts in this process: several processes together allow a multiple of the limit.
 *
 * Invalid credentials are counted by address. Behind a proxy everybody has the proxy's address, because
 * X-Forwarded-For can be forged, so valid credentials are never refused for what others try from the same address.
 */
@Injectable()
export class RateLimit {
  private readonly limiter: RateLimiterMemory | null;
  private readonly goodKeys = new LRUCache<string, true>({ max: 10_000 });

  constructor(@Inject(CONFIG) { rateLimit }: Config) {
    this.limiter =
      rateLimit === null ? null : new RateLimiterMemory({ points: rateLimit, duration: WINDOW_SECONDS });
  }

  /**
   * Runs before authentication. After too many failures from an address, only keys that were valid before are looked
   * up in the database. The documentation is limited by address, over all its files.
   */
  async assertMayTry(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (isDocumentation(request)) {
      return this.count(`${addressOf(request)} documentation`, request, reply);
    }
    const key = digestOfKey(request);
    if (!key || this.goodKeys.has(key)) return;
    const failed = await this.limiter?.get(failuresOf(request));
    if (failed?.remainingPoints === 0) await this.count(failuresOf(request), request, reply);
  }

  async assertMayPass(request: GuardedRequest, reply: FastifyReply): Promise<void> {
    this.remember(request);
    await this.count(routeBucketOf(request) ?? `${addressOf(request)} ${routeOf(request)}`, request, reply);
  }

  /** Returns the problem for a request that did not pass the guard. One that did has already been counted. */
  async refuse(problem: Problem, request: GuardedRequest, reply: FastifyReply): Promise<Problem> {
    const isCounted = reply.hasHeader('RateLimit');
    if (isCounted) return problem;
    this.remember(request);
    const bucket = routeBucketOf(request) ?? (problem.code === 'unauthenticated' && failuresOf(request));
    if (!bucket) return problem;
    return this.count(bucket, request, reply).then(
      () => problem,
      (refused: Problem) => refused,
    );
  }

  private remember(request: GuardedRequest): void {
    const key = request.user && digestOfKey(request);
    if (key) this.goodKeys.set(key, true);
  }

  private async count(bucket: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!this.limiter || !isLimited(request)) return;
    const counted = await this.limiter.consume(bucket).catch((refused: unknown) => {
      if (refused instanceof RateLimiterRes) return refused;
      throw refused;
    });
    const { points } = this.limiter;
    const seconds = Math.ceil(counted.msBeforeNext / 1000);
    void reply.header('RateLimit-Policy', `"default";q=${points};w=${WINDOW_SECONDS}`);
    void reply.header('RateLimit', `"default";r=${counted.remainingPoints};t=${seconds}`);
    if (counted.consumedPoints > points) throw overLimit(`${points} such requests`, counted, reply);
  }
}

/** Load balancers and Prometheus must always get a response. */
const isLimited = (request: FastifyRequest): boolean =>
  request.routeOptions.url?.startsWith('/api/') === true || isDocumentation(request);

const routeOf = ({ method, routeOptions }: FastifyRequest): string => `${method} ${routeOptions.url}`;

/** null where nobody is proven to have sent it. */
function routeBucketOf(request: GuardedRequest): string | null {
  const who = request.caller ?? request.user;
  return who ? `${bucketOf(who)} ${routeOf(request)}` : null;
}

const addressOf = ({ ip }: FastifyRequest): string => networkOf(ip);

const failuresOf = (request: FastifyRequest): string => `${addressOf(request)} failed`;

function digestOfKey({ headers }: FastifyRequest): string | null {
  const key = headers['x-api-key'];
  return typeof key === 'string' ? createHash('sha256').update(key).digest('base64') : null;
}

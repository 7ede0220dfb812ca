import type { FastifyReply } from 'fastify';
import type { RateLimiterRes } from 'rate-limiter-flexible';
import { type Caller, principalOf } from '#identity';
import { Problem } from '#problem';

/** The key by which the requests of a caller are counted. */
export const bucketOf = (
  caller: Pick<Caller, 'kind' | 'keyId' | 'userId'> & { organizationId?: string },
): string => `${caller.organizationId} ${principalOf(caller)}`;

/** Returns the problem for a caller over a limit, and sets Retry-After. */
export function overLimit(
  limit: string,
  { msBeforeNext }: Pick<RateLimiterRes, 'msBeforeNext'>,
  reply: FastifyReply,
): Problem {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return rateLimited(`At most ${limit} a minute: try again in ${seconds} s.`, seconds, reply);
}

/** Returns the problem for a caller who may try again after this time, and sets Retry-After. */
export function rateLimited(detail: string, seconds: number, reply: FastifyReply): Problem {
  void reply.header('Retry-After', String(seconds));
  return new Problem('rate_limited', detail);
}

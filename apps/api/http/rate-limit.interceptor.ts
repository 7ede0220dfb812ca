import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Observable } from 'rxjs';
import { CONFIG, type Config } from '#config';
import { type Caller, principalOf } from '#identity';
import { Problem } from '#problem';

const WINDOW_SECONDS = 60;

/** Counts in this process: several processes allow as many times the limit. */
@Injectable()
export class RateLimitInterceptor implements NestInterceptor {
  private readonly limiter: RateLimiterMemory | null;

  constructor(@Inject(CONFIG) { rateLimit }: Config) {
    this.limiter =
      rateLimit === null ? null : new RateLimiterMemory({ points: rateLimit, duration: WINDOW_SECONDS });
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (!this.limiter) return next.handle();
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { caller?: Caller }>();
    const reply = http.getResponse<FastifyReply>();
    if (request.routeOptions.url?.startsWith('/api/')) await this.count(this.limiter, request, reply);
    return next.handle();
  }

  private async count(
    limiter: RateLimiterMemory,
    request: FastifyRequest & { caller?: Caller },
    reply: FastifyReply,
  ): Promise<void> {
    const { caller } = request;
    const who = caller ? `${caller.organizationId} ${principalOf(caller)}` : request.ip;
    const counted = await limiter
      .consume(`${who} ${request.method} ${request.routeOptions.url}`)
      .catch((refused: unknown) => {
        if (refused instanceof RateLimiterRes) return refused;
        throw refused;
      });
    const seconds = Math.ceil(counted.msBeforeNext / 1000);
    void reply.header('RateLimit-Policy', `"default";q=${limiter.points};w=${WINDOW_SECONDS}`);
    void reply.header('RateLimit', `"default";r=${counted.remainingPoints};t=${seconds}`);
    if (counted.consumedPoints > limiter.points) {
      void reply.header('Retry-After', String(Math.max(1, seconds)));
      throw new Problem(
        'rate_limited',
        `At most ${limiter.points} such requests a minute: try again in ${seconds} s.`,
      );
    }
  }
}

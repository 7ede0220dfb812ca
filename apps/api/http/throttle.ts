import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type Caller, principalOf } from '#identity';
import { Problem } from '#problem';

/** Limits requests per minute for each caller, independently of RATE_LIMIT, and like that per process. */
export const Throttle = (requestsAMinute: number): MethodDecorator =>
  UseGuards(new ThrottleGuard(requestsAMinute));

class ThrottleGuard implements CanActivate {
  private readonly limiter: RateLimiterMemory;

  constructor(points: number) {
    this.limiter = new RateLimiterMemory({ points, duration: 60 });
  }

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const { caller } = http.getRequest<FastifyRequest & { caller: Caller }>();
    try {
      await this.limiter.consume(`${caller.organizationId} ${principalOf(caller)}`);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      void http.getResponse<FastifyReply>().header('Retry-After', String(seconds));
      throw new Problem(
        'rate_limited',
        `The limit is ${this.limiter.points} such requests per minute: try again in ${seconds} s.`,
      );
    }
    return true;
  }
}

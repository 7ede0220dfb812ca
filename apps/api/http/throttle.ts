import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type Caller, principalOf } from '#identity';
import { Problem } from '#problem';

/** At most so many requests a minute for each caller, whatever RATE_LIMIT says; in each process, as that. */
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
        `At most ${this.limiter.points} such requests a minute: try again in ${seconds} s.`,
      );
    }
    return true;
  }
}

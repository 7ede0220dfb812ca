import { type CanActivate, type ExecutionContext, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from '#identity';
import { bucketOf, overLimit } from './over-limit.js';

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
      await this.limiter.consume(bucketOf(caller));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw overLimit(`${this.limiter.points} such requests`, refused, http.getResponse<FastifyReply>());
    }
    return true;
  }
}

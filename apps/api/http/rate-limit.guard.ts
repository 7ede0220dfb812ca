import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RateLimit } from './rate-limit.js';

/** Counts requests that the access guard admits. The filter counts those that it refuses. */
export class RateLimitGuard implements CanActivate {
  constructor(private readonly rateLimit: RateLimit) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    await this.rateLimit.assertMayPass(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
    return true;
  }
}

import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimit } from './rate-limit.js';

/** Counts what the guard of access lets through; the filter counts what it refuses. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly rateLimit: RateLimit) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    await this.rateLimit.assertMayPass(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
    return true;
  }
}

import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessGuard, AccessModule, ActAsGuard } from '#access';
import { IdempotencyGuard } from './idempotency.js';
import { ProblemFilter } from './problem.filter.js';
import { RateLimit } from './rate-limit.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RouteTable } from './route-table.js';
import { RequestValidation } from './validation.js';

/**
 * Lists what each request passes through between Fastify's hooks and its controller, in this order. The access guard is
 * first, because the other guards need the caller that it resolves. There are no interceptors: docs/architecture.md says
 * why.
 */
@Module({
  imports: [AccessModule],
  providers: [
    RateLimit,
    RouteTable,
    ProblemFilter,
    { provide: APP_GUARD, useExisting: AccessGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_GUARD, useExisting: ActAsGuard },
    { provide: APP_GUARD, useClass: IdempotencyGuard },
    { provide: APP_PIPE, useClass: RequestValidation },
    { provide: APP_FILTER, useExisting: ProblemFilter },
  ],
})
export class RequestPipelineModule {}

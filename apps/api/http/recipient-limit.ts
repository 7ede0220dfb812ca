import { type CanActivate, type ExecutionContext, Inject, Injectable, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { CONFIG, type Config } from '#config';
import type { Caller } from '#identity';
import { bucketOf, overLimit } from './over-limit.js';

/** For each request a minute that RATE_LIMIT allows. */
const RECIPIENTS_PER_REQUEST = 10;
const WINDOW_SECONDS = 60;

/**
 * Limits how many recipients the sends of a caller reach in a minute, in this process, whatever route they take: one
 * send to a thousand people costs as much as a thousand sends to one. How many there are is known once a send is done,
 * so the last one may exceed the limit; until the minute is over, the caller's next ones are refused.
 */
@Injectable()
export class RecipientLimit {
  private readonly limiter: RateLimiterMemory | null;

  constructor(@Inject(CONFIG) { rateLimit }: Config) {
    const points = (rateLimit ?? 0) * RECIPIENTS_PER_REQUEST;
    this.limiter = rateLimit === null ? null : new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
  }

  async assertMaySend(caller: Caller, reply: FastifyReply): Promise<void> {
    if (!this.limiter) return;
    const { points } = this.limiter;
    const sent = await this.limiter.get(bucketOf(caller));
    if (sent && sent.consumedPoints >= points) throw overLimit(`${points} recipients`, sent, reply);
  }

  /** What was sent before, and is only answered again, reaches nobody. */
  async charge(caller: Caller, recipients: number): Promise<void> {
    if (recipients > 0 && !caller.idempotency?.replayed) {
      await this.limiter?.penalty(bucketOf(caller), recipients);
    }
  }
}

@Injectable()
class RecipientGuard implements CanActivate {
  constructor(private readonly limit: RecipientLimit) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const { caller } = http.getRequest<FastifyRequest & { caller: Caller }>();
    await this.limit.assertMaySend(caller, http.getResponse<FastifyReply>());
    return true;
  }
}

/** Refuses callers who are over the limit of recipients. The route charges what it sends. */
export const LimitRecipients = (): MethodDecorator => UseGuards(RecipientGuard);

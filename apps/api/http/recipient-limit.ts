import { type CanActivate, type ExecutionContext, Inject, Injectable, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { CONFIG, type Config } from '#config';
import type { Caller } from '#identity';
import { bucketOf, overLimit } from './over-limit.js';

/** For each request per minute that RATE_LIMIT allows. */
const RECIPIENTS_PER_REQUEST = 10;
const WINDOW_SECONDS = 60;

/**
 * Limits the recipients of a caller's sends per minute, on all routes, in this process: one send to a thousand people
 * costs as much as a thousand sends to one. The number is only known after a send, so the last one may exceed the
 * limit. The caller's next ones are then refused until the minute is over.
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

  /** A replayed response reaches nobody, so it does not count. */
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

/** Refuses callers over the recipient limit. The route counts its recipients. */
export const LimitRecipients = (): MethodDecorator => UseGuards(RecipientGuard);

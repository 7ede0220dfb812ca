import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '#config';
import type { Caller } from '#identity';
import { Problem } from '#problem';
import { bucketOf, overLimit } from './over-limit.js';

/** For each request per minute that RATE_LIMIT allows. */
const RECIPIENTS_PER_REQUEST = 10;
const WINDOW_MILLISECONDS = 60_000;
const MAX_WAIT_MILLISECONDS = 10_000;

interface Sending {
  caller: Caller;
  reply: FastifyReply;
  /** How many people it can reach. */
  atMost: number;
}

/** The recipients of a caller's sends in a minute. */
interface Minute {
  endsAt: number;
  reached: number;
  /** What the sends in progress can reach. */
  reserved: number;
  /** Resolved when the next of them ends. */
  next?: PromiseWithResolvers<void>;
}

/**
 * Limits the recipients of a caller's sends per minute, on all routes, in this process: one send to a thousand people
 * costs as much as a thousand sends to one. A send is admitted while fewer people have been reached than the limit, so
 * the last one may exceed it. How many a send reaches is only known after it. Until then it counts with what it can
 * reach, and sends that might exceed the limit wait for it, so sends in parallel reach no more than one by one.
 */
@Injectable()
export class RecipientLimit {
  private readonly limit: number | null;
  private readonly minutes = new Map<string, Minute>();

  constructor(@Inject(CONFIG) { rateLimit }: Config) {
    this.limit = rateLimit === null ? null : rateLimit * RECIPIENTS_PER_REQUEST;
  }

  /** Sends, unless the caller is over the limit. A send that fails counts for nothing, and so does a replay. */
  async admit<Result extends { recipients: number }>(
    { caller, reply, atMost }: Sending,
    send: () => Promise<Result>,
  ): Promise<Result> {
    if (this.limit === null) return send();
    const reserved = Math.min(atMost, this.limit);
    const minute = await this.reserve(caller, reserved, this.limit, reply);
    try {
      const result = await send();
      if (!caller.idempotency?.replayed) minute.reached += result.recipients;
      return result;
    } finally {
      minute.reserved -= reserved;
      minute.next?.resolve();
      delete minute.next;
    }
  }

  private async reserve(caller: Caller, wanted: number, limit: number, reply: FastifyReply): Promise<Minute> {
    const lastTry = performance.now() + MAX_WAIT_MILLISECONDS;
    do {
      const minute = this.minuteOf(bucketOf(caller));
      if (minute.reached >= limit) {
        throw overLimit(`${limit} recipients`, { msBeforeNext: minute.endsAt - Date.now() }, reply);
      }
      if (minute.reached + minute.reserved < limit) {
        minute.reserved += wanted;
        return minute;
      }
      minute.next ??= Promise.withResolvers();
      await minute.next.promise;
    } while (performance.now() < lastTry);
    throw new Problem('unavailable');
  }

  private minuteOf(bucket: string): Minute {
    const known = this.minutes.get(bucket);
    if (known) return known;
    const minute = { endsAt: Date.now() + WINDOW_MILLISECONDS, reached: 0, reserved: 0 };
    this.minutes.set(bucket, minute);
    setTimeout(() => this.minutes.delete(bucket), WINDOW_MILLISECONDS).unref();
    return minute;
  }
}

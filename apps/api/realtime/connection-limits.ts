import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { PersonCaller } from '#identity';
import type { Problem } from '#problem';
import { rateLimited } from '../http/over-limit.js';
import { RealtimeMetrics, type Transport } from './realtime-metrics.js';

const MAX_PER_PERSON = 10;
/** Each connection takes a file descriptor and some memory, which other organizations need too. */
const MAX_PER_ORGANIZATION = 5000;
/** By then, dead connections have been noticed. */
const RETRY_SECONDS = 60;

type Person = Pick<PersonCaller, 'organizationId' | 'userId'>;

/** Counts the connections of this process that wait for something new: WebSockets, and requests that wait. */
@Injectable()
export class ConnectionLimits {
  /** A property, because tests set fewer. */
  maxPerOrganization = MAX_PER_ORGANIZATION;
  private readonly counts = new Map<string, number>();

  constructor(private readonly metrics: RealtimeMetrics) {}

  assertMayOpen({ organizationId, userId }: Person, reply: FastifyReply): void {
    if (this.of(`${organizationId} ${userId}`) >= MAX_PER_PERSON)
      throw tooMany(reply, `A person has at most ${MAX_PER_PERSON} connections: close one first.`);
    if (this.of(organizationId) >= this.maxPerOrganization)
      throw tooMany(
        reply,
        `An organization has at most ${this.maxPerOrganization} connections: try again later.`,
      );
  }

  /** Counts a connection, until the returned function is called. */
  add({ organizationId, userId }: Person, transport: Transport): () => void {
    const close = this.metrics.opened(transport);
    const keys = [organizationId, `${organizationId} ${userId}`];
    for (const key of keys) this.counts.set(key, this.of(key) + 1);
    return () => {
      close();
      for (const key of keys) {
        const left = this.of(key) - 1;
        if (left === 0) this.counts.delete(key);
        else this.counts.set(key, left);
      }
    };
  }

  private of(key: string): number {
    return this.counts.get(key) ?? 0;
  }
}

const tooMany = (reply: FastifyReply, detail: string): Problem => rateLimited(detail, RETRY_SECONDS, reply);

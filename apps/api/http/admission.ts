import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Admission } from '#access';
import { POOL_SIZE } from '#database';
import { Metrics } from '#metrics';
import { Problem } from '#problem';
import { upgradeOf } from '../realtime/upgrade.js';
import { isWatching } from './watching.js';

/**
 * How many requests may be in flight: in a burst, and where as many have been for a while. Whether they wait for a
 * connection, for those that are sent before them or for the processor, each makes all others late.
 */
const MAX_IN_BURST = 500;
const MAX_FOR_LONG = 3 * POOL_SIZE;
/** Fewer than those, or what is cut to them would look like a burst again. */
const MANY = 2 * POOL_SIZE;
/** How long a burst may be. What is in flight goes up and down: only the mean distinguishes a burst from a flood. */
const BURST_MILLISECONDS = 2000;
/** What organizations below their fair share may have in flight beyond the limit, as a part of it. */
const RESERVE = 1 / 3;
/** Requests without credentials have a share of their own. */
const MAX_PUBLIC = 32;

type AdmittedRequest = FastifyRequest & { admittedFor?: string | null };

/**
 * Admits requests fairly by organization. A request counts from the moment that its body is complete and its sender
 * proven, so that nobody without credentials can use up what there is, until its answer is made.
 *
 * Where the limit is reached, only organizations that have their fair share in flight are refused.
 */
@Injectable()
export class RequestAdmission extends Admission {
  private readonly byOrganization = new Map<string, number>();
  private inFlight = 0;
  private publicInFlight = 0;
  private mean = 0;
  private last = performance.now();

  constructor(metrics: Metrics) {
    super();
    metrics.gauge(
      { name: 'http_requests_in_flight', help: 'Requests that were admitted and are not answered yet.' },
      (gauge) => gauge.set(this.inFlight + this.publicInFlight),
    );
  }

  /** The answer is made in onSend, also for a client that has gone; how slowly it is read is no matter. */
  observe(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (request: AdmittedRequest, _reply, _payload, done) => {
      this.release(request);
      done();
    });
  }

  admit(request: AdmittedRequest, organizationId: string | null): void {
    // A socket stays, and does nothing most of the time.
    if (isWatching(request) || upgradeOf(request.raw)) return;
    const isAdmitted =
      organizationId === null ? this.publicInFlight < MAX_PUBLIC : this.hasRoom(organizationId);
    if (!isAdmitted) throw new Problem('unavailable');
    request.admittedFor = organizationId;
    if (organizationId === null) this.publicInFlight++;
    else {
      this.inFlight++;
      this.byOrganization.set(organizationId, this.of(organizationId) + 1);
    }
  }

  private release(request: AdmittedRequest): void {
    const { admittedFor } = request;
    if (admittedFor === undefined) return;
    request.admittedFor = undefined;
    if (admittedFor === null) {
      this.publicInFlight--;
      return;
    }
    this.inFlight--;
    const left = this.of(admittedFor) - 1;
    if (left === 0) this.byOrganization.delete(admittedFor);
    else this.byOrganization.set(admittedFor, left);
  }

  private hasRoom(organizationId: string): boolean {
    const limit = this.limit();
    if (this.inFlight < limit) return true;
    const own = this.of(organizationId);
    const organizations = this.byOrganization.size + (own === 0 ? 1 : 0);
    return own < limit / organizations && this.inFlight < limit * (1 + RESERVE);
  }

  private limit(): number {
    const now = performance.now();
    this.mean += (this.inFlight - this.mean) * (1 - Math.exp((this.last - now) / BURST_MILLISECONDS));
    this.last = now;
    return this.mean > MANY ? MAX_FOR_LONG : MAX_IN_BURST;
  }

  private of(organizationId: string): number {
    return this.byOrganization.get(organizationId) ?? 0;
  }
}

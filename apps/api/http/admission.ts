import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Admission } from '#access';
import { POOL_SIZE } from '#database';
import { Metrics } from '#metrics';
import { Problem } from '#problem';
import { upgradeOf } from '../realtime/upgrade.js';
import { isDocumentation, isWatching } from './route-kinds.js';

/**
 * The maximum number of requests in flight, in a burst and under lasting load. Whether they wait for a connection,
 * for earlier requests or for the processor, each of them delays all others.
 */
const MAX_IN_BURST = 500;
const MAX_FOR_LONG = 3 * POOL_SIZE;
/** Below MAX_FOR_LONG, or load that is limited to that would look like a burst again. */
const MANY = 2 * POOL_SIZE;
/** How long a burst may last. The number in flight varies, so only its mean distinguishes a burst from lasting load. */
const BURST_MILLISECONDS = 2000;
/** How many requests organizations below their fair share may have in flight together while the limit is reached. */
const MAX_RESERVED = MAX_FOR_LONG;
/** Requests without credentials have a limit of their own. */
const MAX_PUBLIC = 32;

type Place = 'public' | 'ordinary' | 'reserved';

export type AdmittedRequest = FastifyRequest & { admitted?: { place: Place; organizationId: string | null } };

/**
 * Admits requests fairly by organization. A request counts from the moment its body is complete and its sender
 * authenticated, so that nobody without credentials can use up the capacity, until its response is created.
 *
 * If the limit is reached, only organizations with their fair share in flight are refused.
 */
@Injectable()
export class RequestAdmission extends Admission {
  private readonly byOrganization = new Map<string, number>();
  private readonly inFlight: Record<Place, number> = { public: 0, ordinary: 0, reserved: 0 };
  private documentation = 0;
  private mean = 0;
  private last = performance.now();

  constructor(metrics: Metrics) {
    super();
    metrics.gauge(
      { name: 'http_requests_in_flight', help: 'Requests that were admitted and are not answered yet.' },
      (gauge) => gauge.set(this.inFlight.public + this.total),
    );
  }

  /**
   * A request counts until its response is created, even if the client is gone, and then until it is sent, because
   * unread responses take memory. unsent-responses.ts limits that memory, and server.ts closes sockets that do not
   * read at all.
   */
  observe(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (request: AdmittedRequest, { raw }, _payload, done) => {
      if (raw.destroyed) this.release(request);
      else raw.once('close', () => this.release(request));
      done();
    });
    fastify.addHook('onRequest', (request, reply, done) => {
      if (isDocumentation(request)) this.admitDocumentation(reply.raw);
      done();
    });
  }

  admit(request: AdmittedRequest, organizationId: string | null): void {
    // A WebSocket is open for long and mostly idle.
    if (isWatching(request) || upgradeOf(request.raw)) return;
    const place = organizationId === null ? this.publicPlace() : this.placeFor(organizationId);
    if (!place) throw new Problem('unavailable');
    request.admitted = { place, organizationId };
    this.inFlight[place]++;
    if (organizationId !== null) this.byOrganization.set(organizationId, this.of(organizationId) + 1);
  }

  /** Public files are large and not urgent, so they must not cause the refusal of other public routes. */
  private admitDocumentation(response: ServerResponse): void {
    if (this.documentation >= MAX_PUBLIC) throw new Problem('unavailable');
    this.documentation++;
    response.once('close', () => this.documentation--);
  }

  /** Waits without counting as in flight. Afterwards the request is admitted again, or refused. */
  async idle<T>(request: AdmittedRequest, wait: () => Promise<T>): Promise<T> {
    const { admitted } = request;
    this.release(request);
    const result = await wait();
    if (admitted) this.admit(request, admitted.organizationId);
    return result;
  }

  /** Called earlier for a response that stays open: it no longer counts. */
  release(request: AdmittedRequest): void {
    if (!request.admitted) return;
    const { place, organizationId } = request.admitted;
    request.admitted = undefined;
    this.inFlight[place]--;
    if (organizationId === null) return;
    const left = this.of(organizationId) - 1;
    if (left === 0) this.byOrganization.delete(organizationId);
    else this.byOrganization.set(organizationId, left);
  }

  private publicPlace(): Place | undefined {
    return this.inFlight.public < MAX_PUBLIC ? 'public' : undefined;
  }

  private placeFor(organizationId: string): Place | undefined {
    const limit = this.limit();
    if (this.total < limit) return 'ordinary';
    const own = this.of(organizationId);
    const organizations = this.byOrganization.size + (own === 0 ? 1 : 0);
    const isBelowShare = own < limit / organizations;
    return isBelowShare && this.inFlight.reserved < MAX_RESERVED ? 'reserved' : undefined;
  }

  /** Without public requests. */
  private get total(): number {
    return this.inFlight.ordinary + this.inFlight.reserved;
  }

  private limit(): number {
    const now = performance.now();
    this.mean += (this.total - this.mean) * (1 - Math.exp((this.last - now) / BURST_MILLISECONDS));
    this.last = now;
    return this.mean > MANY ? MAX_FOR_LONG : MAX_IN_BURST;
  }

  private of(organizationId: string): number {
    return this.byOrganization.get(organizationId) ?? 0;
  }
}

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { AdmittedRequest } from './admission.js';

/** Smaller responses are limited by the number of requests in flight. */
const SMALL_BYTES = 16 * 1024;
/** How much one organization may leave unread: about 30 of the largest pages. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A response that is sent within this time is not slow. */
const MOMENT_MILLISECONDS = 250;

interface Unsent {
  socket: Socket;
  bytes: number;
  since: number;
}

/**
 * Limits the memory of unread responses. If an organization exceeds the limit, the connections of its oldest
 * responses are closed: a client that reads would have received them long before.
 */
export class UnsentResponses {
  /** The responses of each organization, in the order of their creation. */
  private readonly byOrganization = new Map<string, Set<Unsent>>();

  observe(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (request: AdmittedRequest, { raw }, payload, done) => {
      const organizationId = request.admitted?.organizationId;
      if (organizationId && typeof payload === 'string' && payload.length > SMALL_BYTES && !raw.destroyed) {
        this.add(organizationId, raw, { socket: request.raw.socket, bytes: Buffer.byteLength(payload) });
      }
      done();
    });
  }

  private add(
    organizationId: string,
    response: ServerResponse,
    answer: Pick<Unsent, 'socket' | 'bytes'>,
  ): void {
    const unsent = this.byOrganization.get(organizationId) ?? new Set();
    this.byOrganization.set(organizationId, unsent);
    const one = { ...answer, since: performance.now() };
    unsent.add(one);
    response.once('close', () => {
      unsent.delete(one);
      if (unsent.size === 0) this.byOrganization.delete(organizationId);
    });
    // Responses that are too new to be closed now may stay unread too, so they are checked again.
    if (closeSlow(unsent) > MAX_BYTES) setTimeout(() => closeSlow(unsent), MOMENT_MILLISECONDS).unref();
  }
}

/** Returns the number of remaining bytes. */
function closeSlow(unsent: Set<Unsent>): number {
  let total = [...unsent].reduce((sum, { bytes }) => sum + bytes, 0);
  const slowSince = performance.now() - MOMENT_MILLISECONDS;
  for (const { socket, bytes, since } of unsent) {
    if (total <= MAX_BYTES || since > slowSince) break;
    total -= bytes;
    socket.destroy();
  }
  return total;
}

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { AdmittedRequest } from './admission.js';

/** Smaller responses are limited by the number of requests in flight, and fit into the buffers of a socket. */
const SMALL_BYTES = 16 * 1024;
/** The largest page takes so long at 20 kB/s. */
const MAX_SENDING_MILLISECONDS = 30_000;
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
 * Limits the time and the memory of unread responses. A client that reads a byte now and then would otherwise keep one of
 * its organization's requests in flight for ever. If an organization exceeds the limit of memory, the connections of its
 * oldest responses are closed: a client that reads would have received them long before.
 */
export class UnsentResponses {
  /** The responses of each organization, in the order of their creation. */
  private readonly byOrganization = new Map<string, Set<Unsent>>();

  observe(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (request: AdmittedRequest, { raw }, payload, done) => {
      const isSmall = typeof payload === 'string' && payload.length <= SMALL_BYTES;
      if (payload && !isSmall && !raw.destroyed) {
        const { socket } = request.raw;
        limitTime(raw, socket);
        const organizationId = request.admitted?.organizationId;
        if (organizationId && typeof payload === 'string')
          this.add(organizationId, raw, { socket, bytes: Buffer.byteLength(payload) });
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

function limitTime(response: ServerResponse, socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), MAX_SENDING_MILLISECONDS).unref();
  response.once('close', () => clearTimeout(timer));
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

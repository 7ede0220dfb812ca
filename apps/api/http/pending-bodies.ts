import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { networkOf } from './client-address.js';
import { endWithProblem } from './broken-request.js';
import { Problem } from '#problem';

/** How many slow bodies one address may have: each holds a socket and up to 100 kB. */
const MAX_OF_ADDRESS = 100;
/** A body that comes within this time is not slow. */
const MOMENT_MILLISECONDS = 1000;

interface Pending {
  since: number;
  address: string;
}

/**
 * Bounds the slow bodies of each address. Where it has too many, the oldest is ended with 408 rather than the newest
 * refused: behind a proxy everybody has one address, and whoever sends a body at once must not be shut out there.
 */
export class PendingBodies {
  /** In the order in which they began. */
  private readonly pending = new Map<IncomingMessage, Pending>();
  private timer?: NodeJS.Timeout;

  observe(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, done) => {
      if (hasBody(request.raw)) {
        this.pending.set(request.raw, { since: performance.now(), address: networkOf(request.ip) });
        reply.raw.once('close', () => this.pending.delete(request.raw));
      }
      done();
    });
    fastify.addHook('preValidation', (request, _reply, done) => {
      this.pending.delete(request.raw);
      done();
    });
    this.timer = setInterval(() => this.endOldest(), MOMENT_MILLISECONDS).unref();
    fastify.addHook('onClose', (_fastify, done) => {
      clearInterval(this.timer);
      done();
    });
  }

  private endOldest(): void {
    const slowSince = performance.now() - MOMENT_MILLISECONDS;
    const slow = [...this.pending].filter(([, { since }]) => since < slowSince);
    for (const ofAddress of Map.groupBy(slow, ([, { address }]) => address).values()) {
      for (const [request] of ofAddress.slice(0, -MAX_OF_ADDRESS)) {
        this.pending.delete(request);
        endWithProblem(request.socket, new Problem('request_timeout'));
      }
    }
  }
}

const hasBody = ({ headers, complete }: IncomingMessage): boolean =>
  !complete && (Number(headers['content-length']) > 0 || headers['transfer-encoding'] !== undefined);

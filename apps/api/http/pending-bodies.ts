import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { networkOf } from './client-address.js';
import { endWithProblem } from './broken-request.js';
import { Problem } from '#problem';

/** The maximum number of slow bodies per address: each holds a socket and up to 100 KiB. */
const MAX_OF_ADDRESS = 100;
/** A body that arrives within this time is not slow. */
const MOMENT_MILLISECONDS = 1000;

interface Pending {
  since: number;
  address: string;
}

/**
 * Limits the slow bodies of each address. If there are too many, the oldest gets 408 instead of the newest being
 * refused: behind a proxy everybody has one address, and a client that sends its body at once must not be refused
 * there.
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

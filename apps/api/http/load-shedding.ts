import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { Problem } from '#problem';
import type { AdmittedRequest } from './admission.js';
import { isWatching } from './route-kinds.js';

/** Beyond this, only organizations below their fair share are admitted. */
const LATE_MILLISECONDS = 1000;
/** Beyond this, nobody is. */
const MAX_LATE_MILLISECONDS = 4000;

/**
 * Refuses requests with 503 and Retry-After while the event loop is very late. While it is late, admission.ts refuses
 * those of the organizations that keep it busy.
 */
export async function shedLoad(fastify: FastifyInstance): Promise<void> {
  await fastify.register(underPressure, {
    maxEventLoopDelay: LATE_MILLISECONDS,
    // Infinity means that nothing was measured yet, as during a start on a busy machine.
    pressureHandler: (request: AdmittedRequest, _reply: unknown, _type: string, delay?: number) => {
      if (delay === Infinity || isWatching(request)) return;
      if (delay === undefined || delay > MAX_LATE_MILLISECONDS) throw new Problem('unavailable');
      request.isLate = true;
    },
  });
}

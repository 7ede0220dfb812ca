import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#problem';
import { isWatching } from './route-kinds.js';

const MAX_EVENT_LOOP_DELAY = 1000;

/**
 * Refuses requests with 503 and Retry-After while the event loop is late. admission.ts limits the number of requests.
 */
export async function shedLoad(fastify: FastifyInstance): Promise<void> {
  await fastify.register(underPressure, {
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY,
    // Infinity means that nothing was measured yet, as during a start on a busy machine.
    pressureHandler: (request: FastifyRequest, _reply: unknown, _type: string, delay?: number) => {
      if (delay !== Infinity && !isWatching(request)) throw new Problem('unavailable');
    },
  });
}

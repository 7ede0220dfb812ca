import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#problem';
import { isWatching } from './route-kinds.js';

const MAX_EVENT_LOOP_DELAY = 1000;

/** Refuses requests with 503 and Retry-After while the event loop is late; admission.ts refuses those that are too many. */
export async function shedLoad(fastify: FastifyInstance): Promise<void> {
  await fastify.register(underPressure, {
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY,
    // Infinite is what was never measured, as while a busy machine starts us: that says nothing.
    pressureHandler: (request: FastifyRequest, _reply: unknown, _type: string, delay?: number) => {
      if (delay !== Infinity && !isWatching(request)) throw new Problem('unavailable');
    },
  });
}

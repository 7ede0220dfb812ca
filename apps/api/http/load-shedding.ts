import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#problem';

const LONGEST_EVENT_LOOP_DELAY = 1000;
const MOST_WAITING = 500;

/** Refuses early what could only be served late: 503 with Retry-After, while what was accepted goes on. */
export async function shedLoad(fastify: FastifyInstance, waiting: () => number): Promise<void> {
  await fastify.register(underPressure, {
    maxEventLoopDelay: LONGEST_EVENT_LOOP_DELAY,
    // Infinite is what was never measured, as while a busy machine starts us: that says nothing.
    pressureHandler: (request: FastifyRequest, _reply: unknown, _type: string, delay?: number) => {
      if (delay !== Infinity) refuse(request);
    },
  });
  fastify.addHook('onRequest', async (request) => {
    if (waiting() > MOST_WAITING) refuse(request);
  });
}

/** Whoever watches over the process must get through to it. */
function refuse(request: FastifyRequest): void {
  if (!request.url.startsWith('/health/') && request.url !== '/metrics') throw new Problem('unavailable');
}

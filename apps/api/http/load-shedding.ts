import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { POOL_SIZE } from '#database';
import { Problem } from '#problem';

const LONGEST_EVENT_LOOP_DELAY = 1000;

/** How many may wait for a connection of the database: in a burst, and where many have for a while. */
const MOST_IN_BURST = 500;
const MOST_FOR_LONG = 3 * POOL_SIZE;
const LONG_MILLISECONDS = 2000;

/** Refuses early what could only be served late: 503 with Retry-After, while what was accepted goes on. */
export async function shedLoad(fastify: FastifyInstance, waiting: () => number): Promise<void> {
  await fastify.register(underPressure, {
    maxEventLoopDelay: LONGEST_EVENT_LOOP_DELAY,
    // Infinite is what was never measured, as while a busy machine starts us: that says nothing.
    pressureHandler: (request: FastifyRequest, _reply: unknown, _type: string, delay?: number) => {
      if (delay !== Infinity) refuse(request);
    },
  });
  let shortAt = performance.now();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const count = waiting();
    const now = performance.now();
    if (count <= POOL_SIZE) shortAt = now;
    // A queue that stays makes everybody late and serves nobody more: all connections are busy with a short one.
    const most = now - shortAt > LONG_MILLISECONDS ? MOST_FOR_LONG : MOST_IN_BURST;
    if (count > most) refuse(request);
    done();
  });
}

/** Whoever watches over the process must get through to it. */
function refuse(request: FastifyRequest): void {
  if (!request.url.startsWith('/health/') && request.url !== '/metrics') throw new Problem('unavailable');
}

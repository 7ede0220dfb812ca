import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { POOL_SIZE } from '#database';
import { Problem } from '#problem';

const LONGEST_EVENT_LOOP_DELAY = 1000;

/** How many may wait for a connection of the database: in a burst, and where many have for a while. */
const MOST_IN_BURST = 500;
const MOST_FOR_LONG = 2 * POOL_SIZE;
const WHILE_MILLISECONDS = 2000;

/** Refuses early what could only be served late: 503 with Retry-After, while what was accepted goes on. */
export async function shedLoad(fastify: FastifyInstance, waiting: () => number): Promise<void> {
  await fastify.register(underPressure, {
    maxEventLoopDelay: LONGEST_EVENT_LOOP_DELAY,
    // Infinite is what was never measured, as while a busy machine starts us: that says nothing.
    pressureHandler: (request: FastifyRequest, _reply: unknown, _type: string, delay?: number) => {
      if (delay !== Infinity) refuse(request);
    },
  });
  const average = movingAverage(WHILE_MILLISECONDS);
  fastify.addHook('onRequest', async (request) => {
    const count = waiting();
    // A queue that stays makes everybody late and serves nobody more: all connections are busy with a short one.
    const most = average(count) > POOL_SIZE ? MOST_FOR_LONG : MOST_IN_BURST;
    if (count > most) refuse(request);
  });
}

/** Of what it is told, where what is long ago counts little. */
function movingAverage(milliseconds: number): (value: number) => number {
  let average = 0;
  let last = performance.now();
  return (value) => {
    const now = performance.now();
    average += (value - average) * (1 - Math.exp((last - now) / milliseconds));
    last = now;
    return average;
  };
}

/** Whoever watches over the process must get through to it. */
function refuse(request: FastifyRequest): void {
  if (!request.url.startsWith('/health/') && request.url !== '/metrics') throw new Problem('unavailable');
}

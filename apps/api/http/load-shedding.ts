import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { POOL_SIZE } from '#database';
import { Problem } from '#problem';
import { upgradeOf } from '../realtime/upgrade.js';

const LONGEST_EVENT_LOOP_DELAY = 1000;

/**
 * How many requests may be under way: in a burst, and where as many have been for a while. Whether they wait for a
 * connection, for those that are sent before them or for the processor, each makes all others late.
 */
const MOST_IN_BURST = 500;
const MOST_FOR_LONG = 3 * POOL_SIZE;
/** Fewer than those, or what is cut to them would look like a burst again. */
const MANY = 2 * POOL_SIZE;
/** How long a burst may be. What is under way goes up and down: only the mean tells a burst from a flood. */
const BURST_MILLISECONDS = 2000;

/** Refuses early what could only be served late: 503 with Retry-After, while what was accepted goes on. */
export async function shedLoad(fastify: FastifyInstance): Promise<void> {
  await fastify.register(underPressure, {
    maxEventLoopDelay: LONGEST_EVENT_LOOP_DELAY,
    // Infinite is what was never measured, as while a busy machine starts us: that says nothing.
    pressureHandler: (request: FastifyRequest, _reply: unknown, _type: string, delay?: number) => {
      if (delay !== Infinity && !isWatching(request)) throw new Problem('unavailable');
    },
  });
  let underWay = 0;
  let mean = 0;
  let last = performance.now();
  fastify.addHook('onRequest', (request, reply, done) => {
    // A socket stays, and does nothing most of the time.
    if (isWatching(request) || upgradeOf(request.raw)) return done();
    const now = performance.now();
    mean += (underWay - mean) * (1 - Math.exp((last - now) / BURST_MILLISECONDS));
    last = now;
    const most = mean > MANY ? MOST_FOR_LONG : MOST_IN_BURST;
    if (underWay >= most) return done(new Problem('unavailable'));
    underWay++;
    // Also where whoever asked has gone meanwhile.
    reply.raw.once('close', () => underWay--);
    done();
  });
}

/** Whoever watches over the process must get through to it. */
const isWatching = ({ url }: FastifyRequest): boolean => url.startsWith('/health/') || url === '/metrics';

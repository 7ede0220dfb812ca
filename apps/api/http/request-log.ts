import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from '#identity';

/**
 * Logs one line per request, with the route instead of the path and with ids instead of names, so that no name is
 * logged.
 */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { caller } = request as FastifyRequest & { caller?: Caller };
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime * 10) / 10,
        organization_id: caller?.organizationId,
        user_id: caller?.userId,
        api_key_id: caller?.keyId,
      },
      'request',
    );
    done();
  });
}

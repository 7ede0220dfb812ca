import type { FastifyInstance } from 'fastify';

/**
 * Serves a document, which is created at the first request: it takes some megabytes and is rarely requested in
 * production. One buffer serves all clients, however slowly they read.
 */
export function serveJson(fastify: FastifyInstance, path: string, create: () => object): void {
  const json = once(() => Buffer.from(JSON.stringify(create())));
  fastify.get(path, (_request, reply) => reply.type('application/json; charset=utf-8').send(json()));
}

export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

import type { FastifyRequest } from 'fastify';

/** Load balancers and Prometheus must always get a response, or they take the process for dead. */
export const isWatching = ({ routeOptions: { url } }: FastifyRequest): boolean =>
  url !== undefined && (url.startsWith('/health/') || url === '/metrics');

/** The documents, Swagger UI and its files, which are public. */
export const isDocumentation = ({ routeOptions: { url } }: FastifyRequest): boolean =>
  url !== undefined && (url.startsWith('/docs') || url === '/openapi.json' || url === '/asyncapi.json');

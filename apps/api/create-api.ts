import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '#config';
import type { DatabaseUrls } from '#database';
import { Cursors } from '#realtime';
import { ApiModule } from './api.module.js';
import { createAsyncApi } from './docs/asyncapi.js';
import { serveJson } from './docs/json-document.js';
import { createDocument } from './docs/openapi.js';
import { serveSwaggerUi } from './docs/swagger-ui.js';
import { markReplays } from './http/idempotency.js';
import { RequestAdmission } from './http/admission.js';
import { guardInput } from './http/input-guard.js';
import { NestLogger, createLogger } from '#process';
import { PendingBodies } from './http/pending-bodies.js';
import { UnsentResponses } from './http/unsent-responses.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RateLimit } from './http/rate-limit.js';
import { RouteTable } from './http/route-table.js';
import { answerForNode, createAdapter, parseJsonOnly } from './http/server.js';
import { logRequests } from './http/request-log.js';
import { RequestMetrics } from './operations/request-metrics.js';
import { ServingState } from './operations/serving-state.js';
import { CURSOR_HEADER, setCursors } from './realtime/cursor-header.js';
import { routeUpgrades } from './realtime/upgrade.js';

export interface Api {
  app: NestFastifyApplication;
  routes: RouteTable;
  logger: Logger;
}

/** Creates the server without listening on a port, for main.ts and for tests. */
export async function createApi(
  config: Config,
  urls: DatabaseUrls,
  logger = createLogger(config),
): Promise<Api> {
  const adapter = createAdapter(logger);
  const fastify = adapter.getInstance<FastifyInstance>();
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.forRoot(config, urls), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  await configureEdge(app, fastify, config);
  app.setGlobalPrefix('api/v1', { exclude: ['health/live', 'health/ready', 'metrics'] });
  serveSwaggerUi(app, () => createDocument(app), config);
  serveJson(fastify, '/asyncapi.json', () => createAsyncApi(app));
  if (!config.production) fastify.get('/', (_request, reply) => reply.redirect('/docs'));
  const filter = app.get(ProblemFilter);
  // For errors of hooks, parsers and the router. Nest passes its own errors to the filter.
  fastify.setErrorHandler((error, request, reply) => filter.answer(error, request, reply));
  await app.init();
  await fastify.ready();
  return { app, routes: app.get(RouteTable), logger };
}

/** The order of these hooks is the order in which a request passes them. */
async function configureEdge(
  app: NestFastifyApplication,
  fastify: FastifyInstance,
  config: Config,
): Promise<void> {
  parseJsonOnly(fastify);
  answerForNode(fastify);
  routeUpgrades(fastify);
  setHeaders(fastify, app.get(ServingState));
  markReplays(fastify);
  setCursors(fastify, app.get(Cursors));
  logRequests(fastify);
  app.get(RequestMetrics).observe(fastify);
  setBrowserHeaders(app, config);
  new PendingBodies().observe(fastify);
  new UnsentResponses().observe(fastify);
  app.get(RequestAdmission).observe(fastify);
  const rateLimit = app.get(RateLimit);
  fastify.addHook('onRequest', (request, reply) => rateLimit.assertMayTry(request, reply));
  fastify.addHook('preValidation', (request, _reply, done) => {
    guardInput(request);
    done();
  });
}

function setHeaders(fastify: FastifyInstance, state: ServingState): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('X-Request-Id', request.id);
    // Responses are for one caller: neither a proxy nor a shared browser may keep them.
    if (request.url.startsWith('/api/')) void reply.header('Cache-Control', 'no-store');
    // Makes clients with open connections find another process before this one closes.
    if (state.draining) void reply.header('Connection', 'close');
    done();
  });
}

function setBrowserHeaders(app: NestFastifyApplication, { corsOrigins }: Config): void {
  app.useSecurityHeaders({
    // Browsers must not upgrade to https: a proxy ends TLS, and in development Swagger UI must load over http.
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  });
  if (corsOrigins.length === 0) return;
  app.enableCors({
    origin: corsOrigins,
    // An OPTIONS request that is no preflight is handled like any other method.
    strictPreflight: false,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'X-Request-Id',
      'Retry-After',
      'RateLimit',
      'RateLimit-Policy',
      'Idempotency-Replayed',
      CURSOR_HEADER,
    ],
    maxAge: 600,
  });
}

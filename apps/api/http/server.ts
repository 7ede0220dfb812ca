import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { Problem, invalidField } from '#problem';
import { mayUpgrade } from '../realtime/upgrade.js';
import { answerBrokenRequest } from './broken-request.js';
import { problemOf } from './error-problem.js';
import { sendProblem } from './problem.filter.js';

const BODY_BYTES = 100 * 1024;
/**
 * How long a client may take to send its headers, and its whole request. The documented 10 s and 15 s leave time for
 * the check, twice a second, and for a busy event loop. For a silent socket the time begins when it connects.
 */
const HEADERS_MILLISECONDS = 9_000;
const REQUEST_MILLISECONDS = 13_000;
const CHECK_MILLISECONDS = 500;
/**
 * How long a socket may make no progress during a request. Node waits for this time twice if data is left to write,
 * so a socket that does not read its response is closed after 40 s.
 */
export const IDLE_MILLISECONDS = 20_000;
const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;
/** A path under /api/ without a version. */
const UNVERSIONED = /^\/api\/(?!v\d+(?:[/?]|$))/;

/** The Fastify adapter: request ids, JSON only, and v1 for paths without a version. */
export function createAdapter(logger: Logger): FastifyAdapter {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    bodyLimit: BODY_BYTES,
    // Node would answer it without a body. See answerForNode.
    http: {
      requireHostHeader: false,
      shouldUpgradeCallback: mayUpgrade,
      headersTimeout: HEADERS_MILLISECONDS,
      connectionsCheckingInterval: CHECK_MILLISECONDS,
    },
    requestTimeout: REQUEST_MILLISECONDS,
    connectionTimeout: IDLE_MILLISECONDS,
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUIDv7();
    },
    rewriteUrl: (request: IncomingMessage) => (request.url ?? '/').replace(UNVERSIONED, '/api/v1/'),
    routerOptions: { maxParamLength: 500 },
    // For a path that cannot be decoded, which the router refuses before any hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('X-Request-Id', request.id);
      sendProblem(problemOf(error), error, request, reply);
    },
    clientErrorHandler: answerBrokenRequest,
  });
  // Nest's own handler would convert Fastify's errors to HTTP exceptions and lose their codes. create-api.ts sets
  // ours.
  adapter.setErrorHandler = () => adapter.getInstance();
  return adapter;
}

/**
 * Handles requests that Node would answer itself, not as a problem: those without Host, or with an unknown Expect
 * header.
 */
export function answerForNode(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      throw invalidField('Host', 'is required');
    }
    done();
  });
  // An unknown Expect header is ignored, as RFC 9110 allows.
  fastify.server.on('checkExpectation', (...exchange) => fastify.server.emit('request', ...exchange));
}

/** The routes to which browsers and mail programs post forms. The path contains everything, so the body is not read. */
const FORMS = ['/api/v1/unsubscribe/:token'];
const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data'];

/** Bodies are JSON. An empty body, as many clients send with DELETE, counts as none. */
export function parseJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(FORM_TYPES, { parseAs: 'string' }, (request, _form, done) => {
    done(FORMS.includes(request.routeOptions.url ?? '') ? null : new Problem('unsupported_media_type'));
  });
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body as string, done);
  });
}

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
 * How long a client may take to send its headers, and all of its request; a second is left for the check itself.
 * A socket that stays silent counts from its beginning.
 */
const HEADERS_MILLISECONDS = 9_000;
const REQUEST_MILLISECONDS = 14_000;
const CHECK_MILLISECONDS = 1_000;
/**
 * How long a socket may make no progress during a request. Node waits for this time twice where data is left to write,
 * so a socket that does not read its answer is closed after 40 s.
 */
const IDLE_MILLISECONDS = 20_000;
const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;
/** What comes after /api/ where no version is named. */
const UNVERSIONED = /^\/api\/(?!v\d+(?:[/?]|$))/;

/** Fastify as Tidings wants it: ids for requests, JSON only, and a version where none is named. */
export function createAdapter(logger: Logger): FastifyAdapter {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    bodyLimit: BODY_BYTES,
    // Node would refuse it without a body; see answerForNode.
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
    // A path that cannot even be decoded: the router gives up before any hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('X-Request-Id', request.id);
      sendProblem(problemOf(error), error, request, reply);
    },
    clientErrorHandler: answerBrokenRequest,
  });
  // Nest's own would make HTTP exceptions of Fastify's errors and lose their codes; create-api.ts sets ours.
  adapter.setErrorHandler = () => adapter.getInstance();
  return adapter;
}

/** What Node answers by itself, and not as a problem: a request without Host, and one with an unknown Expect. */
export function answerForNode(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      throw invalidField('Host', 'must be there');
    }
    done();
  });
  // Whoever expects what we do not know is served as if they had not said so, as RFC 9110 allows.
  fastify.server.on('checkExpectation', (...exchange) => fastify.server.emit('request', ...exchange));
}

/** The routes that browsers and mail programs post forms to. What they say is in the path, so nothing is read. */
const FORMS = ['/api/v1/unsubscribe/:token'];
const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data'];

/** Bodies are JSON; an empty one, as many clients send with DELETE, is none. */
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

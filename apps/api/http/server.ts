import { randomUUIDv7 } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES, maxHeaderSize } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { Problem, invalidField } from '#problem';
import { mayUpgrade } from '../realtime/upgrade.js';
import { problemOf } from './error-problem.js';
import { PROBLEM_JSON, sendProblem, toJson } from './problem.filter.js';

const BODY_BYTES = 100 * 1024;
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
    http: { requireHostHeader: false, shouldUpgradeCallback: mayUpgrade },
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

/** What is not even HTTP reaches no hook and no filter. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new Problem('headers_too_large', `Path and headers together may have ${maxHeaderSize} bytes.`)
      : new Problem('validation_failed', 'This is not HTTP as it should be.');
  const body = JSON.stringify(toJson(problem, randomUUIDv7()));
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_JSON}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

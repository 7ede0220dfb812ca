import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sqlStateOf } from '#database';
import { InvalidToken, Problem } from '#problem';
import { problemOf } from './error-problem.js';
import { RateLimit } from './rate-limit.js';
import { RouteTable } from './route-table.js';

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** Answers every error, including those of Nest and Fastify, as problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly rateLimit: RateLimit,
  ) {}

  catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    return this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  async answer(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const methods = request.is404 ? this.routes.methodsOf(request.url) : [];
    if (methods.length > 0) void reply.header('Allow', methods.join(', '));
    const problem = methods.length > 0 ? new Problem('method_not_allowed') : problemOf(error);
    sendProblem(await this.rateLimit.refuse(problem, request, reply), error, request, reply);
  }
}

export function sendProblem(
  problem: Problem,
  cause: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (problem.code === 'internal') request.log.error({ error: loggable(cause) }, 'failed');
  if (problem.code === 'unauthenticated') void reply.header('WWW-Authenticate', challengeOf(problem));
  if (problem.code === 'unavailable' && !reply.hasHeader('Retry-After'))
    void reply.header('Retry-After', '1');
  void reply
    .status(problem.status)
    .header('Content-Type', PROBLEM_JSON)
    .send(JSON.stringify(toJson(problem, request.id)));
}

/** As RFC 6750 requires, the error is only named if a token was sent. */
const challengeOf = (problem: Problem): string =>
  problem instanceof InvalidToken
    ? `Bearer error="invalid_token", error_description="${problem.detail}"`
    : 'Bearer';

export const toJson = ({ code, title, status, detail, errors }: Problem, requestId: string) => ({
  type: `urn:tidings:problem:${code}`,
  title,
  status,
  detail,
  code,
  request_id: requestId,
  errors,
});

/** Database errors contain values of any organization in their message, so only their code is logged. */
function loggable(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  const sqlState = sqlStateOf(error);
  return { name: error.name, ...(sqlState ? { sql_state: sqlState } : { message: error.message }), frames };
}

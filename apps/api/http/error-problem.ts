import { HttpException } from '@nestjs/common';
import { causeOf, sqlStateOf } from '#database';
import { PROBLEMS, Problem, type ProblemCode } from '#problem';

/** By the full SQLSTATE, then by its class (the first two characters). */
const SQL_STATES: Record<string, ProblemCode> = {
  '23505': 'conflict',
  '23503': 'not_found',
  '23502': 'validation_failed',
  '23514': 'validation_failed',
  // Left idle in a transaction, or sent to a standby after a failover.
  '25P03': 'unavailable',
  '25006': 'unavailable',
  '22': 'validation_failed',
  // Serialization failures have been retried already.
  '40': 'unavailable',
  '08': 'unavailable',
  '53': 'unavailable',
  '55': 'unavailable',
  '57': 'unavailable',
};

const ERROR_CODES: Record<string, ProblemCode> = {
  ECONNREFUSED: 'unavailable',
  ECONNRESET: 'unavailable',
  EPIPE: 'unavailable',
  ETIMEDOUT: 'unavailable',
  ERR_NO_PERMIT: 'unavailable',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_json',
  // A path that cannot be decoded, or has a segment that is too long, cannot exist.
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
};

/** Errors without a code in pg. */
const CONNECTION_LOST =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

/** The only place where errors of any kind are converted to problems. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const sqlState = sqlStateOf(error);
  if (sqlState) return new Problem(SQL_STATES[sqlState] ?? SQL_STATES[sqlState.slice(0, 2)] ?? 'internal');
  if (error instanceof HttpException) return ofStatus(error.getStatus());

  const { code, statusCode, message } = (causeOf(error) ?? {}) as {
    code?: string;
    statusCode?: number;
    message?: string;
  };
  if (code && code in ERROR_CODES) return new Problem(ERROR_CODES[code]!);
  if (message && CONNECTION_LOST.test(message)) return new Problem('unavailable');
  if (error instanceof SyntaxError && statusCode === 400) return new Problem('malformed_json');
  return ofStatus(statusCode ?? 500);
}

function ofStatus(status: number): Problem {
  const codes = Object.keys(PROBLEMS) as ProblemCode[];
  const general: ProblemCode[] = ['validation_failed', 'forbidden', 'conflict'];
  const code =
    general.find((candidate) => PROBLEMS[candidate][0] === status) ??
    codes.find((candidate) => PROBLEMS[candidate][0] === status);
  return new Problem(code ?? (status < 500 ? 'validation_failed' : 'internal'));
}

import { randomUUIDv7 } from 'node:crypto';
import { STATUS_CODES, type ServerResponse, maxHeaderSize } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '#problem';
import { PROBLEM_JSON, toJson } from './problem.filter.js';

/** How long a client may take to read its last response. */
const LINGER_MILLISECONDS = 1000;

/** Answers input that is not HTTP, or not complete in time. It reaches no hook and no filter. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET') socket.destroy();
  else endWithProblem(socket, problemOf(error));
}

function problemOf({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('request_timeout');
  return code === 'HPE_HEADER_OVERFLOW'
    ? new Problem('headers_too_large', `Send a path and headers of at most ${maxHeaderSize} bytes together.`)
    : new Problem(
        'validation_failed',
        'The request is not valid HTTP: check its first line and its headers.',
      );
}

/**
 * Answers and closes the connection. A client that does not close its end would keep the socket, so it is destroyed
 * soon.
 */
export function endWithProblem(socket: Socket, problem: Problem): void {
  if (!socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(toJson(problem, randomUUIDv7()));
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_JSON}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS).unref();
  socket.once('close', () => clearTimeout(timer));
}

/** As in Node's own handler: nothing may be written after a response that has begun. */
const isAnswering = ({ _httpMessage: answer }: Socket & { _httpMessage?: ServerResponse | null }): boolean =>
  answer?.headersSent === true;

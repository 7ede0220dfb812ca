import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, tap } from 'rxjs';
import type { IdempotentRequest } from '#database';
import { type Caller, principalOf } from '#identity';
import { invalidField } from '#problem';

export const LONGEST_KEY = 255;

/** Hands the Idempotency-Key of a POST to the transaction that does its work, by way of the caller. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { caller?: Caller }>();
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || key === undefined || !request.caller) return next.handle();
    if (typeof key !== 'string' || key === '' || key.length > LONGEST_KEY) {
      throw invalidField('Idempotency-Key', `must have 1 to ${LONGEST_KEY} characters`);
    }
    const idempotency: IdempotentRequest = {
      principal: principalOf(request.caller),
      key,
      hash: hashOf(request),
      taken: false,
      replayed: false,
    };
    request.caller.idempotency = idempotency;
    return next.handle().pipe(
      tap(() => {
        if (idempotency.replayed)
          void http.getResponse<FastifyReply>().header('Idempotency-Replayed', 'true');
      }),
    );
  }
}

const hashOf = ({ method, url, body }: FastifyRequest): Buffer =>
  createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body ?? null)}`)
    .digest();

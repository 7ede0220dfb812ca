import { createHash } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, principalOf } from '#identity';
import { invalidField } from '#problem';

export const MAX_KEY_LENGTH = 255;

type GuardedRequest = FastifyRequest & { caller?: Caller };

/** Hands the Idempotency-Key of a POST to the transaction that does its work, by way of the caller. */
@Injectable()
export class IdempotencyGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || key === undefined || !request.caller) return true;
    if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_LENGTH) {
      throw invalidField('Idempotency-Key', `must have 1 to ${MAX_KEY_LENGTH} characters`);
    }
    request.caller.idempotency = {
      principal: principalOf(request.caller),
      key,
      hash: hashOf(request),
      taken: false,
      replayed: false,
    };
    return true;
  }
}

/** Marks replayed responses. */
export function markReplays(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request: GuardedRequest, reply, _payload, done) => {
    if (request.caller?.idempotency?.replayed) void reply.header('Idempotency-Replayed', 'true');
    done();
  });
}

const hashOf = ({ method, url, body }: FastifyRequest): Buffer =>
  createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body ?? null)}`)
    .digest();

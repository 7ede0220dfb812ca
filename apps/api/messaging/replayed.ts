import type { FastifyReply } from 'fastify';
import type { Sent } from '#messaging';

/** A message that was sent before, by its client_token, is marked like any repeated request. */
export function markReplayed(sent: Sent, reply: FastifyReply): Sent {
  if (sent.replayed) void reply.header('Idempotency-Replayed', 'true');
  return sent;
}

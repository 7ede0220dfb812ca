import type { FastifyReply } from 'fastify';
import type { Sent } from '#messaging';

/** Marks a message that was already sent with its client_token as a replay. */
export function markReplayed(sent: Sent, reply: FastifyReply): Sent {
  if (sent.replayed) void reply.header('Idempotency-Replayed', 'true');
  return sent;
}

import type { FastifyReply } from 'fastify';
import type { Sent } from '#messaging';
import { decodeCursor } from '../http/list.js';

/** Pages of messages go on by seq. */
export function positionOf(cursor: string | undefined): number | undefined {
  const position = decodeCursor(cursor, (text) => /^[1-9]\d{0,14}$/.test(text));
  return position === undefined ? undefined : Number(position);
}

/** A message that was sent before, by its client_token, is marked like any repeated request. */
export function markReplayed(sent: Sent, reply: FastifyReply): Sent {
  if (sent.replayed) void reply.header('Idempotency-Replayed', 'true');
  return sent;
}

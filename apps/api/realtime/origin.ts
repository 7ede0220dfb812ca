import type { FastifyRequest } from 'fastify';
import type { Config } from '#config';
import { Problem } from '#problem';

/** Browsers let any page connect to any server, and send its origin. Other clients send none. */
export function assertOrigin(
  { headers: { origin, host } }: Pick<FastifyRequest, 'headers'>,
  { corsOrigins }: Pick<Config, 'corsOrigins'>,
): void {
  if (origin === undefined || corsOrigins.includes(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new Problem('forbidden', 'Pages of this origin may not connect: add it to CORS_ORIGINS.');
}

import { createSecretKey } from 'node:crypto';
import { fastify } from 'fastify';
import { jwtVerify } from 'jose';
import { answerJobs } from './child.ts';

/** Fastify alone, which checks the same tokens by the same library, and answers nothing as well. */
answerJobs(async ({ secret }: { secret: string }): Promise<number> => {
  const key = createSecretKey(secret, 'utf8');
  const server = fastify();
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- this is Fastify, which waits for it
  server.get('/empty', async (request) => {
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    await jwtVerify(token, key, { algorithms: ['HS256'], requiredClaims: ['exp', 'sub', 'org'] });
    return {};
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return (server.server.address() as { port: number }).port;
});

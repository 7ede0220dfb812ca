import type { INestApplication } from '@nestjs/common';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { type Config, DEVELOPMENT_PLATFORM_KEY } from '#config';
import { DEMO_PEOPLE } from '../demo/people.js';
import { signIn } from './sign-in.js';

/**
 * /docs and /openapi.json; with whom to sign in as where the server hands out tokens, the platform among them. The
 * document is made for the first who asks for it: in production mostly nobody does, and it takes 4 MB.
 */
export function serveSwaggerUi(
  app: INestApplication,
  createDocument: () => OpenAPIObject,
  { authentication, platformApiKey }: Config,
): void {
  const handsOutTokens = authentication.mode === 'dev';
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  const document = once(createDocument);
  // Nest would serialise it for each request, and as YAML too; one buffer serves all who read it, however slowly.
  const json = once(() => Buffer.from(JSON.stringify(document())));
  fastify.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(json()),
  );
  SwaggerModule.setup('docs', app, document, {
    customSiteTitle: 'Tidings',
    raw: false,
    ...(handsOutTokens && { customJs: '/docs/sign-in.js' }),
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, defaultModelsExpandDepth: 0 },
  });
  if (!handsOutTokens) return;
  // A key that somebody has chosen is theirs to keep.
  const platformKey = platformApiKey === DEVELOPMENT_PLATFORM_KEY ? platformApiKey : null;
  const people = Object.values(DEMO_PEOPLE).map(({ username, display_name }) => ({ username, display_name }));
  const script = `(${signIn.toString()})(${JSON.stringify(people)}, ${JSON.stringify(platformKey)});`;
  fastify.get('/docs/sign-in.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(script),
  );
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

import type { INestApplication } from '@nestjs/common';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { type Config, DEVELOPMENT_PLATFORM_KEY } from '#config';
import { DEMO_PEOPLE } from '../demo/people.js';
import { once, serveJson } from './json-document.js';
import { type HeaderOptions, showHeader } from './page-header.js';
import { ICON, PAGE_STYLE } from './page-style.js';

/** Serves /docs and /openapi.json. */
export function serveSwaggerUi(
  app: INestApplication,
  createDocument: () => OpenAPIObject,
  config: Config,
): void {
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  const document = once(createDocument);
  // Nest would serialize it for each request, and as YAML too.
  serveJson(fastify, '/openapi.json', document);
  const script = `(${showHeader.toString()})(${JSON.stringify(headerOptions(config))});`;
  fastify.get('/docs/header.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(script),
  );
  SwaggerModule.setup('docs', app, document, {
    customSiteTitle: 'Tidings API reference',
    customCss: PAGE_STYLE,
    customfavIcon: ICON,
    customJs: '/docs/header.js',
    raw: false,
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      filter: true,
      // With development tokens, readers can try operations, so the forms are open.
      tryItOutEnabled: config.authentication.mode === 'dev',
    },
  });
}

/** Offers people to sign in as only if the server issues tokens. A platform key that was set stays secret. */
function headerOptions({ authentication, platformApiKey }: Config): HeaderOptions {
  if (authentication.mode !== 'dev') return { people: null, platformKey: null };
  return {
    people: Object.values(DEMO_PEOPLE).map(({ username, display_name, role }) => ({
      username,
      display_name,
      role,
    })),
    platformKey: platformApiKey === DEVELOPMENT_PLATFORM_KEY ? platformApiKey : null,
  };
}

import type { INestApplication, Type } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { PERSON_SCHEME, SERVICE_SCHEME } from '#access';
import { describeCursors } from '../realtime/cursor-header.js';
import { describeAudience } from './audience.js';
import { DESCRIPTION, TAGS } from './introduction.js';
import { orderOperations } from './operation-order.js';
import { withPlainReferences } from './plain-references.js';
import { addProblemResponses } from './problem-responses.js';
import { addCommonHeaders, shareParameters } from './shared-parameters.js';
import { describeSuccesses } from './success-responses.js';

/**
 * Creates the OpenAPI 3.1 document. @nestjs/swagger reads the decorators of the controllers, and the steps after it
 * add what every route of a kind has, share what several operations have in common, and set the order. Models that no route has come with extraModels.
 */
export function createDocument(app: INestApplication, extraModels: Type[] = []): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tidings')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer('/', 'The server of this document')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth(
      { type: 'http', bearerFormat: 'JWT', description: 'The token of a person.' },
      PERSON_SCHEME,
    )
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'The key of a service.' },
      SERVICE_SCHEME,
    );
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  const document = withPlainReferences(SwaggerModule.createDocument(app, builder.build(), { extraModels }));
  describeAudience(document);
  describeSuccesses(document);
  describeCursors(document);
  addCommonHeaders(document);
  shareParameters(document);
  addProblemResponses(document);
  orderOperations(document);
  return document;
}

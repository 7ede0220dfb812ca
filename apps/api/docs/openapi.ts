import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type Allowed, PERSON_SCHEME, SERVICE_SCHEME } from '#access';
import { PROBLEMS } from '#problem';
import { LONGEST_KEY } from '../http/idempotency.js';

const DESCRIPTION = `Messages and notifications for multi-tenant products.

**Signing in.** People send \`Authorization: Bearer <JWT>\` with the claims sub, org and exp. Services send \`X-Api-Key\`. In development, choose a person at the top of this page.

**Errors** are application/problem+json; \`code\` is stable. What belongs to another organization, or to others, is answered like what does not exist: 404.

**Lists** take limit (1 to 100) and cursor, and answer {data, next_cursor}.

**Retries.** Every POST takes Idempotency-Key: the same key with the same body is answered the same, with Idempotency-Replayed, and done once.`;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & { 'x-allow'?: Allowed[] };

export function createDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Tidings')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addTag('People', 'The directory, and who I am.')
    .addTag('Messages', 'Between two people, and what can be done to any message.')
    .addTag('Threads', 'Conversations, direct and in groups.')
    .addTag('Blocking', 'Whom I have shut out.')
    .addTag('Notifications', 'What people are told, and how services tell them.')
    .addTag('Realtime', 'What I am told, at once, over a WebSocket.')
    .addTag('Preferences', 'What I want to hear of, how, and when.')
    .addTag('Oversight', 'Threads and messages of others, for whoever must look after them.')
    .addTag('Administration', 'Roles, rules, defaults, keys and the audit log of an organization.')
    .addTag('Platform', 'Organizations, and persons across them.')
    .addTag('Development', 'Only with AUTH_MODE=dev.')
    .addTag('Operations', 'For whoever runs the server.')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', bearerFormat: 'JWT', description: "A person's token." }, PERSON_SCHEME)
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: "A service's key." },
      SERVICE_SCHEME,
    )
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
  });
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, Problem: PROBLEM_SCHEMA };
  for (const path of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(path)) {
      if (['get', 'post', 'put', 'patch', 'delete'].includes(method))
        complete(operation as Operation, method);
    }
  }
  return document;
}

/** What holds for every route by its kind is written here once, rather than at each of them. */
function complete(operation: Operation, method: string): void {
  const allowed = operation['x-allow'] ?? [];
  const isPublic = allowed.length === 0;
  const hasBody = operation.requestBody !== undefined;
  const parameters = operation.parameters ?? [];
  const statuses = new Set(['400', '431', '500', '503']);
  // 404 also for an organization or person that a header names.
  const namesSomething =
    !isPublic || parameters.some((parameter) => 'in' in parameter && parameter.in === 'path');
  if (!isPublic) for (const status of ['401', '403']) statuses.add(status);
  if (namesSomething) for (const status of ['404', '429']) statuses.add(status);
  if (hasBody) for (const status of ['408', '413', '415', '429']) statuses.add(status);
  if (namesSomething && method !== 'get') statuses.add('409');
  if (method === 'post' && !isPublic) {
    statuses.add('422');
    operation.parameters = [...parameters, IDEMPOTENCY_KEY];
  }
  for (const status of [...statuses].toSorted())
    operation.responses[status] ??= problemResponse(Number(status));
  if (!isPublic) {
    operation.description = [operation.description, `*For: ${allowed.map(nameAllowed).join(', or ')}.*`]
      .filter(Boolean)
      .join('\n\n');
  }
}

const nameAllowed = (allowed: Allowed): string =>
  ({ person: 'people', platform: 'the platform key' })[allowed as string] ?? `whoever has \`${allowed}\``;

function problemResponse(status: number) {
  const codes = Object.entries(PROBLEMS)
    .filter(([, [candidate]]) => candidate === status)
    .map(([code]) => code);
  return {
    description: codes.join(', '),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  description: 'Of your choice, for this request and its retries; kept for 24 hours.',
  schema: { type: 'string' as const, minLength: 1, maxLength: LONGEST_KEY },
};

const PROBLEM_SCHEMA = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'code', 'request_id'],
  properties: {
    type: { type: 'string' as const, format: 'uri', example: 'urn:tidings:problem:validation_failed' },
    title: { type: 'string' as const, example: PROBLEMS.validation_failed[1] },
    status: { type: 'integer' as const, example: 400 },
    detail: { type: 'string' as const, example: 'limit must be a whole number from 1 to 100.' },
    code: { type: 'string' as const, enum: Object.keys(PROBLEMS), example: 'validation_failed' },
    request_id: { type: 'string' as const, example: '0199a000-0000-7000-8000-000000000701' },
    errors: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['field', 'message'],
        properties: {
          field: { type: 'string' as const, example: 'limit' },
          message: { type: 'string' as const, example: 'must be a whole number from 1 to 100' },
        },
      },
    },
  },
};

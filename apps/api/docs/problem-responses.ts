import type { OpenAPIObject } from '@nestjs/swagger';
import { type FieldError, PROBLEMS, type ProblemCode } from '#problem';
import { PROBLEM_CODES } from '../http/problems.js';
import { type Responses, type Route, isPublic, routesOf } from './document-types.js';
import { PROBLEM_SCHEMA } from './problem-schema.js';

type Response = Responses[string];

/**
 * Adds a response for each error status that an operation can return, with the codes of that status and one example.
 * Operations with the same codes share one entry of components.responses.
 */
export function addProblemResponses(document: OpenAPIObject): void {
  const shared: Responses = {};
  for (const route of routesOf(document)) {
    const { operation } = route;
    const byStatus = Map.groupBy(codesOf(route), (code) => PROBLEMS[code][0]);
    for (const [status, codes] of [...byStatus].toSorted(([one], [other]) => one - other)) {
      const wrong = codes.includes('validation_failed') ? wrongFieldOf(document, route) : undefined;
      const name = nameOf(codes, wrong);
      shared[name] ??= problemResponse(status, codes, wrong);
      operation.responses[status] = { $ref: `#/components/responses/${name}` };
    }
    delete operation[PROBLEM_CODES];
  }
  document.components = {
    ...document.components,
    responses: Object.fromEntries(
      Object.entries(shared).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    ),
    headers: { ...document.components?.headers, RetryAfter: RETRY_AFTER },
    schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA },
  };
}

/** The route's own codes come first, so that the example shows one of them, then those of its kind. */
function codesOf({ path, method, operation }: Route): ProblemCode[] {
  const isOpen = isPublic(operation);
  const hasBody = operation.requestBody !== undefined;
  // 404 also applies to an organization or person in a header.
  const namesSomething = !isOpen || path.includes('{');
  const codes: (ProblemCode | false)[] = [
    ...(operation[PROBLEM_CODES] ?? []),
    'validation_failed',
    method !== 'get' && 'malformed_json',
    !isOpen && 'unauthenticated',
    !isOpen && 'forbidden',
    namesSomething && 'not_found',
    hasBody && 'request_timeout',
    // A retry may arrive during the original request, and two requests may add the same thing concurrently.
    !isOpen && ['post', 'put'].includes(method) && 'conflict',
    hasBody && 'payload_too_large',
    hasBody && 'unsupported_media_type',
    !isOpen && method === 'post' && 'idempotency_mismatch',
    (namesSomething || hasBody) && 'rate_limited',
    'headers_too_large',
    'internal',
    'unavailable',
  ];
  return [...new Set(codes.filter((code) => code !== false))];
}

const contentOf = (body: Route['operation']['requestBody']): object =>
  body && 'content' in body ? body.content : {};

/** The field for the example of an invalid request to this route. */
function wrongFieldOf(document: OpenAPIObject, { operation }: Route): FieldError {
  const names = (operation.parameters ?? []).map((parameter) => {
    const name = '$ref' in parameter ? parameter.$ref.split('/').at(-1)! : undefined;
    return (name && document.components?.parameters?.[name]) || parameter;
  });
  if (names.some((parameter) => 'name' in parameter && parameter.name === 'limit'))
    return { field: 'limit', message: 'must be a whole number from 1 to 100' };
  if ('application/json' in contentOf(operation.requestBody))
    return { field: 'colour', message: 'is not a known field' };
  if (!isPublic(operation)) return { field: 'X-Organization-Id', message: 'must be a UUID' };
  return { field: 'Host', message: 'is required' };
}

function problemResponse(status: number, codes: ProblemCode[], wrong?: FieldError): Response {
  const schema = {
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      { type: 'object' as const, properties: { code: { type: 'string' as const, enum: codes } } },
    ],
  };
  const mayRetry = codes.some((code) => code === 'rate_limited' || code === 'unavailable');
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code][2]}`).join('\n\n'),
    ...(mayRetry && { headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } }),
    content: {
      'application/problem+json': { schema, example: exampleOf(status, codes[0]!, wrong) },
    },
  };
}

const exampleOf = (status: number, code: ProblemCode, wrong?: FieldError) => ({
  type: `urn:tidings:problem:${code}`,
  title: PROBLEMS[code][1],
  status,
  detail: code === 'validation_failed' && wrong ? `${wrong.field} ${wrong.message}.` : PROBLEMS[code][2],
  code,
  request_id: PROBLEM_SCHEMA.properties.request_id.example,
  ...(code === 'validation_failed' && wrong && { errors: [wrong] }),
});

const KINDS: Record<string, string> = { limit: 'List', colour: 'Body', 'X-Organization-Id': 'Header' };

/** For example ConflictOrBlockedByYou, and InvalidList for a route with a limit. */
function nameOf(codes: ProblemCode[], wrong?: FieldError): string {
  const kind = (wrong && KINDS[wrong.field]) ?? 'Request';
  // Every route with a body can return malformed_json, so the name leaves it out.
  const named = kind === 'Body' ? codes.filter((code) => code !== 'malformed_json') : codes;
  return named.map((code) => (code === 'validation_failed' ? `Invalid${kind}` : pascalCase(code))).join('Or');
}

const RETRY_AFTER = {
  description: 'The number of seconds to wait before the next try.',
  schema: { type: 'integer' as const, minimum: 1, example: 1 },
};

const pascalCase = (text: string): string =>
  text.replaceAll(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase());

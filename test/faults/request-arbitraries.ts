import type { OpenAPIObject } from '@nestjs/swagger';
import { type Arbitrary, constant, constantFrom, oneof, record } from 'fast-check';
import { BODIES, PATHS, QUERIES, VALUES } from '../edge/hostile-values.js';
import { resolve } from '../support/routes.js';
import { type Schema, SchemaArbitraries } from './schema-arbitraries.js';

export interface Operation {
  method: string;
  path: string;
  isForPlatform: boolean;
}

export interface FuzzedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

interface Documented {
  'x-allow'?: string[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

type Parts = Record<string, string>;

export const operationsOf = ({ paths }: OpenAPIObject): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Documented>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      isForPlatform: operation['x-allow']?.includes('platform') ?? false,
    })),
  );

/** Requests of one route: a third as documented, a third with one part just beyond that, a third with a hostile one. */
export function requestsOf(document: OpenAPIObject, { method, path }: Operation): Arbitrary<FuzzedRequest> {
  const schemas = new SchemaArbitraries(document);
  const documented = document.paths[path]![method.toLowerCase() as 'get'] as Documented;
  const parameters = (place: Parameter['in']) =>
    (documented.parameters ?? [])
      .map((parameter) => resolve(document, parameter) as Parameter)
      .filter((parameter) => parameter.in === place);
  const schema = documented.requestBody?.content['application/json']?.schema;
  const body = schema && schemas.resolve(schema);

  const valid = record({
    path: parts(schemas, parameters('path')),
    query: parts(schemas, parameters('query')),
    headers: parts(schemas, parameters('header')),
    body: body ? schemas.valid(body).map((value) => JSON.stringify(value)) : constant(undefined),
  });
  const near: Arbitrary<Partial<Request>>[] = parameters('query').map(({ name, schema: of }) =>
    schemas.beyond(of).map((value) => ({ query: { [name]: textOf(value) } })),
  );
  const hostile: Arbitrary<Partial<Request>>[] = [constantFrom(...QUERIES).map((raw) => ({ raw }))];
  for (const { name } of parameters('path'))
    hostile.push(constantFrom(...PATHS).map((value) => ({ path: { [name]: value } })));
  if (body) {
    near.push(schemas.beyond(body).map((value) => ({ body: JSON.stringify(value) })));
    hostile.push(constantFrom(...BODIES).map((text) => ({ body: text })));
    for (const field of Object.keys(body.properties ?? {}))
      hostile.push(constantFrom(...VALUES).map((value) => ({ body: `{${JSON.stringify(field)}:${value}}` })));
  }
  const changes = [constant({}), oneof(constant({}), ...near), oneof(...hostile)];
  return record({ valid, change: oneof(...changes) }).map(({ valid: whole, change }) =>
    assemble(method, path, merge(whole, change)),
  );
}

interface Request {
  path: Parts;
  query: Parts;
  headers: Parts;
  body?: string;
  /** A query as it is. */
  raw?: string;
}

/** Those of path and query are escaped; what may be left out sometimes is. */
function parts(schemas: SchemaArbitraries, parameters: Parameter[]): Arbitrary<Parts> {
  const values = parameters.map(({ name, in: place, required, schema }) => {
    const value = schemas.valid(schema).map((one) => (place === 'header' ? plain(one) : textOf(one)));
    // Most headers that may be left out name another organization or person.
    const left = { weight: place === 'header' ? 5 : 1, arbitrary: constant(undefined) };
    return [name, required ? value : oneof(left, { weight: 1, arbitrary: value })];
  });
  return record(Object.fromEntries(values) as Record<string, Arbitrary<string | undefined>>).map(
    (all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Parts,
  );
}

const textOf = (value: unknown): string =>
  encodeURIComponent((typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed());

/** What HTTP lets through in a header. */
const plain = (value: unknown): string => String(value).replaceAll(/[^\x20-\x7e]/g, '');

const merge = (whole: Request, change: Partial<Request>): Request => ({
  ...whole,
  ...change,
  path: { ...whole.path, ...change.path },
  query: { ...whole.query, ...change.query },
});

function assemble(
  method: string,
  template: string,
  { path, query, headers, body, raw }: Request,
): FuzzedRequest {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name]!);
  const asked =
    raw ??
    Object.entries(query)
      .map((pair) => pair.join('='))
      .join('&');
  return { method, path: asked === '' ? filled : `${filled}?${asked}`, headers, body };
}

import type { OpenAPIObject } from '@nestjs/swagger';
import type { Route } from '../../apps/api/http/route-table.js';

/** What a $ref of the document leads to; anything else is returned as it is. */
export function resolve(document: object, value: object): any {
  if (!('$ref' in value)) return value;
  const names = String(value.$ref).slice('#/'.length).split('/');
  const found = names.reduce<any>((at, name) => at?.[name], document);
  if (!found) throw new Error(`${String(value.$ref)} leads nowhere.`);
  return resolve(document, found as object);
}

/** What Swagger UI is served by, for anybody: its files, and the redirect to it. */
const isDocs = ({ path }: Route): boolean =>
  path.startsWith('/docs') || ['/openapi.json', '/asyncapi.json', '/'].includes(path);

/** The routes of the API, straight from the router, so that a new one is covered without being listed. */
export const apiRoutes = (routes: Route[]): Route[] =>
  routes.filter(
    (route) =>
      route.method !== 'HEAD' && route.method !== 'OPTIONS' && !isDocs(route) && !route.path.includes('*'),
  );

export const nameOf = ({ method, path }: Route): string => `${method} ${path.replace('/api/v1/', '')}`;

export const fill = (path: string, value: string): string => path.replace(/:\w+/g, value);

/** A body that the route takes, made of the examples of its fields; undefined where it has none. */
export function exampleBody(document: OpenAPIObject, { method, path }: Route): object | undefined {
  const properties = bodySchema(document, { method, path })?.properties;
  if (!properties) return undefined;
  return Object.fromEntries(Object.entries(properties).map(([name, { example }]) => [name, example]));
}

type BodySchema = { properties?: Record<string, { example?: unknown }> };

/** What the document says of the body of a route. */
export function bodySchema(document: OpenAPIObject, { method, path }: Route): BodySchema | undefined {
  const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase() as 'put'];
  const body = operation?.requestBody as
    { content: Record<string, { schema: { $ref: string } }> } | undefined;
  const name = body?.content['application/json']?.schema.$ref.split('/').at(-1);
  return name === undefined ? undefined : (document.components?.schemas?.[name] as BodySchema);
}

import type { OpenAPIObject } from '@nestjs/swagger';
import { MAX_KEY_LENGTH } from '../http/idempotency.js';
import { type Operation, type Parameter, isPublic, routesOf } from './document-types.js';

type InlineParameter = Exclude<Parameter, { $ref: string }>;

/** These follow the parameters of the route itself, in this order, because most callers never send them. */
const HEADERS_LAST = ['Idempotency-Key', 'X-On-Behalf-Of', 'X-Organization-Id', 'X-Request-Id'];

const IDEMPOTENCY_KEY: InlineParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A key of your choice for this request and its retries. The same key with the same body returns the first response again; with another body it returns 422. Keys are kept for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
};

const REQUEST_ID: InlineParameter = {
  name: 'X-Request-Id',
  in: 'header',
  required: false,
  description:
    'Your id for this request. The response, the log and the audit log repeat it. Without one, or with one that does not match the pattern, the server makes its own.',
  schema: { type: 'string', pattern: String.raw`^[\w.:+/=-]{1,128}$` },
};

/** Adds the headers of its kind to every operation. */
export function addCommonHeaders(document: OpenAPIObject): void {
  for (const { method, operation } of routesOf(document)) {
    const added = method === 'post' && !isPublic(operation) ? [IDEMPOTENCY_KEY, REQUEST_ID] : [REQUEST_ID];
    operation.parameters = [...(operation.parameters ?? []), ...added];
  }
}

/** Moves every parameter that two or more operations share into components.parameters, and sorts them. */
export function shareParameters(document: OpenAPIObject): void {
  const routes = routesOf(document);
  const uses = Map.groupBy(
    routes.flatMap(({ operation }) =>
      parametersOf(operation).map((parameter) => ({ parameter, tag: operation.tags?.[0] ?? '' })),
    ),
    ({ parameter }) => JSON.stringify(parameter),
  );
  const names = new Map<string, string>();
  const shared: Record<string, InlineParameter> = {};
  for (const [text, [first, ...others]] of uses) {
    if (!first || others.length === 0) continue;
    const name = freeName(shared, first.parameter, first.tag);
    names.set(text, name);
    shared[name] = first.parameter;
  }
  for (const { operation } of routes) {
    operation.parameters = parametersOf(operation)
      .toSorted((one, other) => placeOf(one) - placeOf(other))
      .map((parameter) => {
        const name = names.get(JSON.stringify(parameter));
        return name ? { $ref: `#/components/parameters/${name}` } : parameter;
      });
    if (operation.parameters.length === 0) delete operation.parameters;
  }
  document.components = { ...document.components, parameters: shared };
}

const parametersOf = ({ parameters = [] }: Operation): InlineParameter[] =>
  parameters.filter((parameter): parameter is InlineParameter => 'name' in parameter);

const PLACES = ['path', 'query', 'header'];

const placeOf = ({ name, in: place }: InlineParameter): number =>
  HEADERS_LAST.includes(name) ? PLACES.length + HEADERS_LAST.indexOf(name) : PLACES.indexOf(place);

/** X-Request-Id becomes XRequestId, user_id becomes UserId. */
const componentName = ({ name }: InlineParameter): string =>
  name.replaceAll(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Different parameters may have one name, such as the id of a thread and of a webhook. The tag then distinguishes
 * them.
 */
function freeName(taken: Record<string, unknown>, parameter: InlineParameter, tag: string): string {
  const plain = componentName(parameter);
  const names = parameter.in === 'path' ? [`${tag}${plain}`] : [plain, `${tag}${plain}`];
  const free = names.find((name) => !(name in taken));
  if (free) return free;
  let number = 2;
  while (`${tag}${plain}${number}` in taken) number += 1;
  return `${tag}${plain}${number}`;
}

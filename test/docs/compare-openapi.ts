import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Compares two OpenAPI documents by what they say about the wire: paths, methods, parameters, bodies, responses, field
 * types, required fields, nulls and error codes. Names of schemas, texts, examples, and the form (3.0 or 3.1, inline or
 * $ref) do not count.
 *
 *   node test/docs/compare-openapi.ts before.json after.json
 *
 * A `correction` states the same wire more exactly: an enum for a text, a null that the server already takes, an error
 * code or an optional header that was wrong or missing. Anything else is `breaking`, and the command exits with 1.
 */
export interface Comparison {
  breaking: string[];
  corrections: string[];
}

type Json = Record<string, any>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const TEXTS = new Set(['description', 'example', 'examples', 'title', 'summary', 'deprecated']);

export function compareOpenApi(before: Json, after: Json): Comparison {
  const result: Comparison = { breaking: [], corrections: [] };
  const [old, now] = [operationsOf(before), operationsOf(after)];
  for (const name of keysOf(old, now)) {
    if (!now[name]) result.breaking.push(`${name} is gone`);
    else if (!old[name]) result.breaking.push(`${name} is new`);
    else compareOperations(name, old[name], now[name], result);
  }
  return result;
}

interface Operation {
  parameters: Record<string, Json>;
  body: Json | null;
  responses: Record<string, Json>;
  codes: Record<string, string[]>;
  security: unknown;
}

function operationsOf(document: Json): Record<string, Operation> {
  const found: Record<string, Operation> = {};
  for (const [path, item] of Object.entries<Json>(document['paths'])) {
    for (const method of METHODS.filter((one) => one in item)) {
      const name = `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{}')}`;
      if (found[name]) throw new Error(`${name} is there twice.`);
      found[name] = operationOf(document, path, item[method]);
    }
  }
  return found;
}

function operationOf(document: Json, path: string, operation: Json): Operation {
  const parameters: Record<string, Json> = {};
  const positions = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  for (const given of operation['parameters'] ?? []) {
    const { name, in: place, required = false, schema } = resolve(document, given);
    const key = place === 'path' ? `path ${positions.indexOf(name)}` : `${place} ${name}`;
    parameters[key] = { required, schema: shapeOf(document, schema) };
  }
  const body = operation['requestBody'] && resolve(document, operation['requestBody']);
  const responses: Record<string, Json> = {};
  const codes: Record<string, string[]> = {};
  for (const [status, given] of Object.entries<Json>(operation['responses'])) {
    const response = resolve(document, given);
    if (Number(status) >= 400) codes[status] = codesOf(document, response);
    else responses[status] = contentOf(document, response['content']);
  }
  return {
    parameters,
    body: body
      ? { required: body['required'] ?? false, content: contentOf(document, body['content']) }
      : null,
    responses,
    codes,
    security: (operation['security'] ?? []).map((one: Json) => Object.keys(one).toSorted()),
  };
}

const contentOf = (document: Json, content: Json = {}): Json =>
  Object.fromEntries(
    Object.entries<Json>(content).map(([type, { schema }]) => [type, shapeOf(document, schema)]),
  );

/** The codes that an error response names: in its schema, or, as the first documents did, in its description. */
function codesOf(document: Json, { description = '', content = {} }: Json): string[] {
  if (/^[a-z_]+(, [a-z_]+)*$/.test(description)) return description.split(', ').toSorted();
  const codes = shapeOf(document, content['application/problem+json']?.schema)['properties']?.code?.enum;
  return codes?.toSorted() ?? [];
}

function resolve(document: Json, value: Json): Json {
  if (typeof value['$ref'] !== 'string') return value;
  const target = value['$ref']
    .slice(2)
    .split('/')
    .reduce((at: Json, name: string) => at?.[name.replaceAll('~1', '/')], document);
  if (!target) throw new Error(`${value['$ref']} leads nowhere.`);
  return resolve(document, target);
}

/** A schema in one form: without $ref, allOf, nullable and texts, and with `nullable` for any kind of null. */
export function shapeOf(document: Json, schema: Json | boolean | undefined): Json {
  if (typeof schema !== 'object') return { any: schema ?? true };
  const { $ref, allOf, anyOf, nullable, ...own } = schema;
  let shape: Json = Object.fromEntries(Object.entries(own).filter(([name]) => !TEXTS.has(name)));
  if (nullable) shape['nullable'] = true;
  if (Array.isArray(shape['type'])) {
    const types: string[] = shape['type'].filter((type: string) => type !== 'null');
    if (types.length < shape['type'].length) shape['nullable'] = true;
    shape['type'] = types.length === 1 ? types[0] : types.toSorted((one, other) => one.localeCompare(other));
  }
  if (shape['const'] !== undefined) {
    shape['enum'] = [shape['const']];
    delete shape['const'];
  }
  if (shape['enum']) {
    if (shape['enum'].includes(null)) shape['nullable'] = true;
    shape['enum'] = shape['enum'].filter((value: unknown) => value !== null).toSorted();
  }
  for (const name of ['properties', 'patternProperties'])
    if (shape[name]) shape[name] = mapValues(shape[name], (one) => shapeOf(document, one));
  if (shape['items']) shape['items'] = shapeOf(document, shape['items']);
  if (typeof shape['additionalProperties'] === 'object')
    shape['additionalProperties'] = shapeOf(document, shape['additionalProperties']);
  for (const part of allOf ?? []) shape = merge(shapeOf(document, part), shape);
  if ($ref) shape = merge(shapeOf(document, resolve(document, { $ref })), shape);
  const alternatives = (anyOf ?? []).filter((one: Json) => one['type'] !== 'null');
  if (anyOf && alternatives.length < anyOf.length) shape['nullable'] = true;
  if (alternatives.length === 1) shape = merge(shapeOf(document, alternatives[0]), shape);
  else if (alternatives.length > 1)
    shape['anyOf'] = alternatives.map((one: Json) => shapeOf(document, one)).toSorted(byText);
  if (shape['properties'] || shape['additionalProperties']) shape['type'] ??= 'object';
  if (shape['required']) shape['required'] = [...new Set<string>(shape['required'])].toSorted();
  return shape;
}

const byText = (one: Json, other: Json): number => textOf(one).localeCompare(textOf(other));

function merge(base: Json, over: Json): Json {
  const properties = { ...base['properties'] };
  for (const [name, one] of Object.entries<Json>(over['properties'] ?? {}))
    properties[name] = properties[name] ? merge(properties[name], one) : one;
  const required = [...(base['required'] ?? []), ...(over['required'] ?? [])];
  const both = base['enum'] && over['enum'];
  return {
    ...base,
    ...over,
    ...(both && { enum: base['enum'].filter((value: unknown) => over['enum'].includes(value)) }),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
}

function compareOperations(name: string, old: Operation, now: Operation, result: Comparison): void {
  for (const key of keysOf(old.parameters, now.parameters)) {
    const [one, other] = [old.parameters[key], now.parameters[key]];
    const where = `${name} ${key}`;
    if (one && other) compareShapes(where, one, other, result);
    else if (other && !other['required'] && key.startsWith('header '))
      result.corrections.push(`${where} is documented`);
    else result.breaking.push(`${where} is ${one ? 'gone' : 'new'}`);
  }
  compareShapes(`${name} body`, old.body ?? {}, now.body ?? {}, result);
  compareShapes(`${name} response`, old.responses, now.responses, result);
  if (textOf(old.security) !== textOf(now.security))
    result.breaking.push(`${name} security: ${textOf(old.security)} became ${textOf(now.security)}`);
  for (const status of keysOf(old.codes, now.codes)) {
    const [had = [], has = []] = [old.codes[status], now.codes[status]];
    for (const code of has.filter((one) => !had.includes(one)))
      result.breaking.push(`${name} ${status} ${code} is new`);
    for (const code of had.filter((one) => !has.includes(one)))
      result.corrections.push(`${name} ${status} ${code} is not documented any more`);
    if (status in old.codes && status in now.codes && has.length === 0)
      result.breaking.push(`${name} ${status} names no code`);
  }
}

function compareShapes(where: string, old: unknown, now: unknown, result: Comparison): void {
  if (textOf(old) === textOf(now)) return;
  if (!isObject(old) || !isObject(now)) {
    result.breaking.push(`${where}: ${textOf(old)} became ${textOf(now)}`);
    return;
  }
  for (const key of keysOf(old, now)) {
    const path = `${where}.${key}`;
    if (key in old && key in now) compareShapes(path, old[key], now[key], result);
    else if (key in now && key === 'enum' && old['type'] === 'string')
      result.corrections.push(`${path}: ${textOf(now[key])}`);
    else if (key in now && key === 'nullable') result.corrections.push(`${path} is documented`);
    else result.breaking.push(`${path} is ${key in old ? 'gone' : 'new'}: ${textOf(old[key] ?? now[key])}`);
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keysOf = (one: object, other: object): string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted();

const mapValues = (value: Json, map: (one: Json) => Json): Json =>
  Object.fromEntries(Object.entries<Json>(value).map(([name, one]) => [name, map(one)]));

/** With sorted keys, so that the order does not count. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => a.localeCompare(b))) : one,
  ) ?? 'nothing';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [before, after] = process.argv
    .slice(2, 4)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Json);
  const { breaking, corrections } = compareOpenApi(before!, after!);
  for (const line of corrections) process.stdout.write(`corrected  ${line}\n`);
  for (const line of breaking) process.stdout.write(`BREAKING   ${line}\n`);
  process.stdout.write(`${breaking.length} breaking differences, ${corrections.length} corrections\n`);
  process.exitCode = breaking.length > 0 ? 1 : 0;
}

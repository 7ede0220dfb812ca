import { readFile, writeFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { PROBLEMS, type ProblemCode } from '#problem';
import { ACCESS } from '../access/access-table.js';
import { useApi } from '../support/api.js';
import { apiRoutes, nameOf, resolve } from '../support/routes.js';

const api = useApi();

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const operations = () =>
  Object.entries(api.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, any>).map(([method, operation]) => ({
      name: nameOf({ method: method.toUpperCase(), path: path.replace(/\{(\w+)\}/g, ':$1') }),
      method,
      path,
      operation,
      // Of a document that is read as JSON, whose form the linter and the validator check.
      parameters: (operation.parameters ?? []).map((one: object) => resolve(api.document, one)) as any[],
    })),
  );

const problemsOf = (operation: any) =>
  Object.entries<object>(operation.responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, response]) => {
      const { schema, example } = resolve(api.document, response).content['application/problem+json'];
      return { status, example, codes: schema.allOf[1].properties.code.enum as ProblemCode[] };
    });

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(api.document.openapi).toBe('3.1.0');
    const { valid, errors } = await new Validator().validate(
      JSON.parse(JSON.stringify(api.document)) as Record<string, unknown>,
    );
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('is the committed openapi.json (npm run openapi writes it)', async () => {
    const { body } = await api.anybody.get('/openapi.json');
    const text = `${JSON.stringify(body, null, 2)}\n`;
    if (process.env['UPDATE_OPENAPI']) await writeFile('openapi.json', text);
    expect(await readFile('openapi.json', 'utf8')).toBe(text);
  });

  it('has every route of the router and no others', () => {
    expect(
      operations()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(apiRoutes(api.routes).map(nameOf).toSorted());
  });

  it('has a summary, a description, a tag, permissions and problems for every route', () => {
    for (const { name, operation } of operations()) {
      const isPublic = ACCESS[name]!.includes('public');
      expect(operation.summary, name).toEqual(expect.any(String));
      expect(operation.description, name).toMatch(/\*Allowed: .+\.\*$/);
      expect(operation.tags, name).toHaveLength(1);
      expect(operation['x-allow'], name).toEqual(isPublic ? [] : ACCESS[name]);
      expect(operation.security, name).toEqual(isPublic ? [] : expect.arrayContaining([{ service: [] }]));
      expect(Object.keys(operation.responses), name).toEqual(
        expect.arrayContaining(isPublic ? ['500'] : ['401', '403', '404', '429', '500', '503']),
      );
    }
  });

  it('has a unique operation id for every route that begins with the verb of its summary', () => {
    const ids = operations().map(({ operation }) => operation.operationId as string);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { name, operation } of operations()) {
      expect(operation.operationId, name).toMatch(/^[a-z]+([A-Z][a-z]+)+$/);
      const [verb] = /^[a-z]+/.exec(operation.operationId) ?? [];
      expect(operation.summary.split(' ')[0].toLowerCase(), name).toBe(verb);
      expect(operation.summary, name).toMatch(/^[A-Z][a-z]+ .{2,48}[^.]$/);
    }
  });

  it('has only the codes of its status, and an example, for every error status', () => {
    for (const { name, operation } of operations()) {
      for (const { status, codes, example } of problemsOf(operation)) {
        const what = `${name} ${status}`;
        for (const code of codes) expect(PROBLEMS[code]?.[0], `${what} ${code}`).toBe(Number(status));
        expect(codes, what).toContain(example.code);
        const [, title] = PROBLEMS[example.code as ProblemCode];
        expect(example, what).toMatchObject({ status: Number(status), title, detail: expect.any(String) });
      }
    }
  });

  it('names only codes that the operation can return in a description, and each status with its code', () => {
    for (const { name, operation } of operations()) {
      const codes = problemsOf(operation).flatMap((problem) => problem.codes);
      for (const [, word] of operation.description.matchAll(/`([a-z_]+)`/g))
        if (word in PROBLEMS) expect(codes, `${name} ${word}`).toContain(word);
      for (const [, status, word] of operation.description.matchAll(/\b(4\d\d|503)\b(?: `(\w+)`)?/g))
        if (Number(status) < 500 && !operation.description.includes(`A ${status}`))
          expect(PROBLEMS[word as ProblemCode]?.[0], `${name} ${status}`).toBe(Number(status));
    }
  });

  it('has one name for a parameter at the same place of a path', () => {
    const names = new Map<string, string>();
    for (const { path } of operations()) {
      const parts = path.split('/');
      for (const [index, part] of parts.entries()) {
        if (!part.startsWith('{')) continue;
        const place = parts
          .slice(0, index)
          .join('/')
          .replaceAll(/\{\w+\}/g, '{}');
        expect(names.get(place) ?? part, path).toBe(part);
        names.set(place, part);
      }
    }
  });

  it('sorts operations by tag, and GET before POST, PUT, PATCH and DELETE', () => {
    const tags = api.document.tags!.map(({ name }) => name);
    const places = operations().map(({ operation }) => tags.indexOf(operation.tags[0]));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    for (const item of Object.values(api.document.paths)) {
      const methods = Object.keys(item);
      expect(methods).toEqual(METHODS.filter((method) => methods.includes(method)));
    }
  });

  it('contains shared parameters and responses once', () => {
    const text = (value: unknown) => JSON.stringify(value);
    const inline = operations().flatMap(({ operation }) =>
      [...(operation.parameters ?? []), ...Object.values<any>(operation.responses)].filter(
        (one) => one.name || one.content?.['application/problem+json'],
      ),
    );
    expect(inline.map(text)).toEqual([...new Set(inline.map(text))]);
    for (const { name, parameters } of operations()) {
      const headers = parameters.filter((one) => one.in === 'header').map((one) => one.name as string);
      expect(headers.at(-1), name).toBe('X-Request-Id');
    }
  });

  it('has a description for every parameter, and an example or an enum for every request field', () => {
    for (const { name, parameters } of operations()) {
      for (const parameter of parameters)
        expect(parameter.description, `${name} ${parameter.name}`).toEqual(expect.any(String));
    }
    for (const [schema, { properties = {} }] of Object.entries(
      (api.document.components?.schemas ?? {}) as Record<string, any>,
    )) {
      for (const [field, property] of Object.entries(properties as Record<string, any>)) {
        const said =
          property.description ?? property.example ?? property.items ?? property.$ref ?? property.anyOf;
        expect(said, `${schema}.${field}`).toBeDefined();
        if (schema.endsWith('Request'))
          expect(property, `${schema}.${field}`).toMatchObject({
            description: expect.any(String),
            example: expect.anything(),
          });
      }
    }
  });

  it('has examples of paths that exist in the demo data', () => {
    for (const { name, parameters } of operations()) {
      for (const parameter of parameters)
        if (parameter.in === 'path')
          expect(parameter.example ?? parameter.schema?.example, name).toBeDefined();
    }
  });
});

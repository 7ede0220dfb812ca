import { readFile, writeFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { ACCESS } from '../access/access-table.js';
import { apiRoutes, nameOf } from '../support/routes.js';

const api = useApi();

const operations = () =>
  Object.entries(api.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, any>).map(([method, operation]) => ({
      name: nameOf({ method: method.toUpperCase(), path: path.replace(/\{(\w+)\}/g, ':$1') }),
      operation,
    })),
  );

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const { valid, errors } = await new Validator().validate(
      JSON.parse(JSON.stringify(api.document)) as Record<string, unknown>,
    );
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('is the one that is committed; npm run openapi writes it', async () => {
    const { body } = await api.anybody.get('/openapi.json');
    const text = `${JSON.stringify(body, null, 2)}\n`;
    if (process.env['UPDATE_OPENAPI']) await writeFile('openapi.json', text);
    expect(await readFile('openapi.json', 'utf8')).toBe(text);
  });

  it('has every route of the router and no other', () => {
    expect(
      operations()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(apiRoutes(api.routes).map(nameOf).toSorted());
  });

  it('has for every route a summary, a tag, who may call it, and problems', () => {
    for (const { name, operation } of operations()) {
      const isPublic = ACCESS[name]!.includes('public');
      expect(operation.summary, name).toEqual(expect.any(String));
      expect(operation.tags, name).toHaveLength(1);
      expect(operation['x-allow'], name).toEqual(isPublic ? [] : ACCESS[name]);
      expect(Boolean(operation.security?.length), name).toBe(!isPublic);
      expect(Object.keys(operation.responses), name).toEqual(
        expect.arrayContaining(isPublic ? ['500'] : ['401', '403', '404', '429', '500', '503']),
      );
    }
  });

  it('has a description for every parameter, and for every field of a body that it takes an example or a choice', () => {
    for (const { name, operation } of operations()) {
      for (const parameter of operation.parameters ?? [])
        expect(parameter.description, `${name} ${parameter.name}`).toEqual(expect.any(String));
    }
    for (const [schema, { properties = {} }] of Object.entries(
      (api.document.components?.schemas ?? {}) as Record<string, any>,
    )) {
      for (const [field, property] of Object.entries(properties as Record<string, any>)) {
        const said =
          property.description ?? property.example ?? property.items ?? property.$ref ?? property.allOf;
        expect(said, `${schema}.${field}`).toBeDefined();
        if (schema.endsWith('Request'))
          expect(property, `${schema}.${field}`).toMatchObject({
            description: expect.any(String),
            example: expect.anything(),
          });
      }
    }
  });

  it('gives, for every path, an example that is there to be tried', () => {
    for (const { name, operation } of operations()) {
      for (const parameter of operation.parameters ?? [])
        if (parameter.in === 'path')
          expect(parameter.example ?? parameter.schema?.example, name).toBeDefined();
    }
  });
});

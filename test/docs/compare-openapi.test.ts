import { describe, expect, it } from 'vitest';
import { compareOpenApi } from './compare-openapi.js';

const documentOf = (operation: object, components: object = {}, path = '/things/{id}') => ({
  paths: { [path]: { get: { responses: {}, ...operation } } },
  components,
});

const answering = (schema: object, components: object = {}) =>
  documentOf({ responses: { 200: { content: { 'application/json': { schema } } } } }, components);

const refusing = (...codes: string[]) =>
  documentOf({
    responses: {
      409: { content: { 'application/problem+json': { schema: { properties: { code: { enum: codes } } } } } },
    },
  });

const Thing = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
const inOld = { nullable: true, type: 'object', allOf: [{ $ref: '#/components/schemas/Thing' }] };
const inNew = { anyOf: [{ $ref: '#/components/schemas/Item' }, { type: 'null' }], description: 'A thing.' };

describe('the comparison of OpenAPI documents', () => {
  it('ignores names of schemas, texts, and the notation of null in 3.0 and 3.1', () => {
    expect(
      compareOpenApi(
        answering(inOld, { schemas: { Thing } }),
        answering(inNew, { schemas: { Item: { ...Thing, description: 'Renamed.' } } }),
      ),
    ).toEqual({ breaking: [], corrections: [] });
    expect(
      compareOpenApi(answering({ type: 'string', nullable: true }), answering({ type: ['null', 'string'] })),
    ).toEqual({ breaking: [], corrections: [] });
  });

  it('compares path parameters by position, and resolves references', () => {
    const parameter = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
    const before = documentOf({ parameters: [parameter('id')] });
    const after = documentOf(
      { parameters: [{ $ref: '#/components/parameters/Person' }] },
      { parameters: { Person: parameter('person') } },
      '/things/{person}',
    );
    expect(compareOpenApi(before, after)).toEqual({ breaking: [], corrections: [] });
  });

  it.each([
    ['a type', { properties: { id: { type: 'integer' } } }],
    ['a required field', { required: [] }],
    ['a new field', { properties: { id: { type: 'string' }, name: { type: 'string' } } }],
    ['a removed field', { properties: {} }],
    ['a format', { properties: { id: { type: 'string', format: 'uuid' } } }],
  ])('finds a change of %s', (_what, change) => {
    const { breaking } = compareOpenApi(answering(Thing), answering({ ...Thing, ...change }));
    expect(breaking).toHaveLength(1);
  });

  it('finds a removed null, a removed path, and changed credentials', () => {
    expect(
      compareOpenApi(answering({ type: ['string', 'null'] }), answering({ type: 'string' })).breaking,
    ).toHaveLength(1);
    expect(compareOpenApi(documentOf({}), { paths: {} }).breaking).toEqual(['GET /things/{} is gone']);
    expect(
      compareOpenApi(documentOf({ security: [{ person: [] }] }), documentOf({ security: [] })).breaking,
    ).toHaveLength(1);
  });

  it('finds a new parameter, and one that became required', () => {
    const query = (required: boolean) =>
      documentOf({ parameters: [{ name: 'q', in: 'query', required, schema: { type: 'string' } }] });
    expect(compareOpenApi(query(false), query(true)).breaking).toHaveLength(1);
    expect(compareOpenApi(documentOf({}), query(false)).breaking).toHaveLength(1);
  });

  it('allows an operation fewer error codes, and no new ones', () => {
    expect(compareOpenApi(refusing('conflict', 'blocked_by_you'), refusing('conflict'))).toEqual({
      breaking: [],
      corrections: ['GET /things/{} 409 blocked_by_you is not documented any more'],
    });
    expect(compareOpenApi(refusing('conflict'), refusing('conflict', 'gone')).breaking).toHaveLength(1);
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { resolve } from '../support/routes.js';
import { checkFrame } from '../realtime/frame-check.js';

const api = useApi();

const read = async () => (await api.anybody.get('/asyncapi.json')).body as Record<string, any>;

/** Every object with a $ref. */
const referencesIn = (value: unknown): { $ref: string }[] =>
  typeof value !== 'object' || value === null
    ? []
    : [
        ...('$ref' in value ? [value as { $ref: string }] : []),
        ...Object.values(value).flatMap((inner) => referencesIn(inner)),
      ];

describe('the AsyncAPI document', () => {
  it('is the committed asyncapi.json (npm run asyncapi writes it)', async () => {
    const text = `${JSON.stringify(await read(), null, 2)}\n`;
    if (process.env['UPDATE_ASYNCAPI']) await writeFile('asyncapi.json', text);
    expect(await readFile('asyncapi.json', 'utf8')).toBe(text);
  });

  it('is valid AsyncAPI 3.0, and its references lead somewhere', async () => {
    const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    const document = await read();
    expect({ valid: validate(document), errors: validate.errors }).toEqual({ valid: true, errors: null });
    for (const reference of referencesIn(document)) expect(resolve(document, reference)).toBeDefined();
    expect(validate({ ...document, channels: { one: { address: 1 } } })).toBe(false);
  });

  it('has the schemas of the OpenAPI document', async () => {
    const { components } = await read();
    const known = JSON.parse(JSON.stringify(api.document.components!.schemas)) as Record<string, object>;
    const shared = Object.keys(components.schemas as object).filter(
      (name) => !/Frame$|^PresentPerson$/.test(name),
    );
    expect(shared).toEqual(expect.arrayContaining(['SyncResponse', 'ThreadResponse', 'MessageResponse']));
    for (const name of shared) expect(components.schemas[name], name).toEqual(known[name]);
  });

  it('describes all fields of a frame and refuses others', () => {
    const hello = { type: 'hello', cursor: 'x' };
    checkFrame('sendFrames', hello);
    checkFrame('receiveFrames', { type: 'ack', n: 1 });
    checkFrame('sendEvents', { type: 'end', code: 4401, reason: 'token expired' });
    expect(() => checkFrame('sendFrames', { ...hello, more: 1 })).toThrow('unevaluated');
    expect(() => checkFrame('sendFrames', { type: 'sync', n: 1 })).toThrow('threads');
    expect(() => checkFrame('sendFrames', { type: 'ack', n: 1 })).toThrow('has no');
  });
});

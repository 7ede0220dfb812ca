import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import { expect, it } from 'vitest';

const COMMITTED = 'packages/client/src/generated/types.gen.ts';

type Document = Record<string, any>;

const read = async (path: string): Promise<Document> => JSON.parse(await readFile(path, 'utf8')) as Document;

/** A schema of all frames of an operation. */
const frameOf = ({ operations, channels, components }: Document, operation: string) => ({
  oneOf: (operations[operation].messages as { $ref: string }[]).map(({ $ref }) => {
    const [, channel, name] = /^#\/channels\/(\w+)\/messages\/(\w+)$/.exec($ref)!;
    const message = (channels[channel!].messages[name!].$ref as string).split('/').at(-1)!;
    return components.messages[message].payload as object;
  }),
});

/**
 * The OpenAPI document with the frames of the AsyncAPI document, which the generator does not read itself. The schemas
 * that both have are equal, so that the types of frames use those of the routes.
 */
async function documentWithFrames(): Promise<Document> {
  const [api, live] = await Promise.all([read('openapi.json'), read('asyncapi.json')]);
  const schemas = {
    ...api['components'].schemas,
    ...live['components'].schemas,
    ServerFrame: frameOf(live, 'sendFrames'),
    ClientFrame: frameOf(live, 'receiveFrames'),
  };
  return { ...api, components: { ...api['components'], schemas } };
}

it('the types of the client are those of openapi.json and asyncapi.json (npm run client:types writes them)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-types-'));
  await createClient({
    input: await documentWithFrames(),
    output: folder,
    plugins: ['@hey-api/typescript'],
    logs: { level: 'silent' },
  });
  const generated = await readFile(join(folder, 'types.gen.ts'), 'utf8');
  await rm(folder, { recursive: true });
  if (process.env['UPDATE_CLIENT_TYPES']) await writeFile(COMMITTED, generated);
  expect((await readFile(COMMITTED, 'utf8')) === generated, 'they are the same').toBe(true);
});

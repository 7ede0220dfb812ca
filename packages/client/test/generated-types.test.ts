import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import { expect, it } from 'vitest';

const COMMITTED = 'packages/client/src/generated/types.gen.ts';

it('the types of the client are those of openapi.json (npm run client:types writes them)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-types-'));
  await createClient({
    input: 'openapi.json',
    output: folder,
    plugins: ['@hey-api/typescript'],
    logs: { level: 'silent' },
  });
  const generated = await readFile(join(folder, 'types.gen.ts'), 'utf8');
  await rm(folder, { recursive: true });
  if (process.env['UPDATE_CLIENT_TYPES']) await writeFile(COMMITTED, generated);
  expect((await readFile(COMMITTED, 'utf8')) === generated, 'they are the same').toBe(true);
});

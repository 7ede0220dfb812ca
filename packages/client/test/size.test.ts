import { gzipSync } from 'node:zlib';
import { type OutputChunk, build } from 'rolldown';
import { describe, expect, it } from 'vitest';

const MAX_BYTES = 12 * 1024;
/** With all hooks and TanStack Query, but without React. */
const MAX_HOOKS_BYTES = 28 * 1024;
/** Of what browsers load beside it once the store is used: tabs, and what is kept. */
const MAX_LATER_BYTES = 3 * 1024;

/** What a page or a back end loads that imports these names: at first, and later. */
const bundle = (imports: string, from = '@tidings/client') => page(`export ${imports} from '${from}';`);

async function page(entry: string): Promise<[OutputChunk, ...OutputChunk[]]> {
  const { output } = await build({
    input: `${process.cwd()}/entry.js`,
    resolve: { conditionNames: ['source', 'import', 'default'] },
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    external: /^react(\/|$)/,
    output: { minify: true },
    platform: 'browser',
    write: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id.endsWith('/entry.js') ? id : null),
        load: (id) => (id.endsWith('/entry.js') ? entry : null),
      },
    ],
  });
  return output as [OutputChunk, ...OutputChunk[]];
}

const sizeOf = ({ code }: OutputChunk): number => gzipSync(code, { level: 9 }).length;

it(`the client is at most ${MAX_BYTES / 1024} kB, minified and gzipped`, async () => {
  const [first, ...later] = await bundle('{ createTidings, TidingsError }');
  expect(sizeOf(first)).toBeLessThanOrEqual(MAX_BYTES);
  expect(sizeOf(first)).toBeGreaterThan(1024);
  // Nothing is shared between the two: another chunk would belong to the first.
  expect(first.imports).toEqual([]);
  expect(later.map(sizeOf).reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_LATER_BYTES);
});

it('nothing runs on import, so that a page loads only what it uses', async () => {
  const [first] = await bundle('{ TidingsError }');
  expect(sizeOf(first)).toBeLessThan(1024);
});

it('neither loads what only the other needs: the client of a person and that of a back end', async () => {
  const [person] = await bundle('*');
  expect(person.moduleIds.filter((id) => id.includes('/src/server/'))).toEqual([]);
  const [server] = await bundle('*', '@tidings/client/server');
  expect(server.moduleIds.filter((id) => id.includes('/src/live/'))).toEqual([]);
  expect(server.moduleIds.filter((id) => id.includes('/src/server/')).length).toBeGreaterThan(5);
  const [verifying] = await bundle('{ verifyWebhook }', '@tidings/client/server');
  expect(verifying.code).not.toContain('X-Api-Key');
});

describe('the hooks', () => {
  const EVERYTHING = `
    export { createTidings, TidingsError } from '@tidings/client';
    export * from '@tidings/client/react';
    export { QueryClient, QueryClientProvider } from '@tanstack/react-query';
  `;
  const ofReact = ({ moduleIds, imports }: OutputChunk): string[] =>
    [...moduleIds, ...imports].filter((id) => /^react|\/src\/react\/|\/node_modules\//.test(id));

  it(`are at most ${MAX_HOOKS_BYTES / 1024} kB with the client and TanStack Query, without React`, async () => {
    const [first] = await page(EVERYTHING);
    expect(sizeOf(first)).toBeLessThanOrEqual(MAX_HOOKS_BYTES);
    expect(sizeOf(first)).toBeGreaterThan(MAX_BYTES);
    expect(ofReact(first).length).toBeGreaterThan(10);
  });

  it('are not loaded by a page without React, nor is anything else of another package', async () => {
    const [person] = await bundle('*');
    expect(ofReact(person)).toEqual([]);
  });

  it('are loaded one by one', async () => {
    const [first] = await bundle('{ useTidings }', '@tidings/client/react');
    expect(sizeOf(first)).toBeLessThan(1024);
  });
});

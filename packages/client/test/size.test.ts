import { gzipSync } from 'node:zlib';
import { type OutputChunk, build } from 'rolldown';
import { expect, it } from 'vitest';

const MAX_BYTES = 12 * 1024;
/** Of what browsers load beside it once the store is used: tabs, and what is kept. */
const MAX_LATER_BYTES = 3 * 1024;

/** What a page loads that imports these names, at first and later. */
async function sizesOf(imports: string): Promise<{ first: number; later: number }> {
  const { output } = await build({
    input: 'entry.js',
    resolve: { conditionNames: ['source'] },
    output: { minify: true },
    platform: 'browser',
    write: false,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry.js' ? id : null),
        load: (id) => (id === 'entry.js' ? `export { ${imports} } from '@tidings/client';` : null),
      },
    ],
  });
  const chunks = output as [OutputChunk, ...OutputChunk[]];
  const sizes = chunks.map(({ code }) => gzipSync(code, { level: 9 }).length);
  // Nothing is shared between the two: another chunk would count for the first.
  expect(chunks[0].imports).toEqual([]);
  return { first: sizes[0]!, later: sizes.slice(1).reduce((sum, size) => sum + size, 0) };
}

it(`the client is at most ${MAX_BYTES / 1024} kB, minified and gzipped`, async () => {
  const { first, later } = await sizesOf('createTidings, TidingsError');
  expect(first).toBeLessThanOrEqual(MAX_BYTES);
  expect(first).toBeGreaterThan(1024);
  expect(later).toBeLessThanOrEqual(MAX_LATER_BYTES);
});

it('nothing runs on import, so that a page loads only what it uses', async () => {
  expect((await sizesOf('TidingsError')).first).toBeLessThan(1024);
});

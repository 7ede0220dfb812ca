import { gzipSync } from 'node:zlib';
import { build } from 'rolldown';
import { expect, it } from 'vitest';

const MAX_BYTES = 12 * 1024;

/** What a page loads that imports these names. */
async function sizeOf(imports: string): Promise<number> {
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
  return gzipSync(output[0].code, { level: 9 }).length;
}

it(`the client is at most ${MAX_BYTES / 1024} kB, minified and gzipped`, async () => {
  const size = await sizeOf('createTidings, TidingsError');
  expect(size).toBeLessThanOrEqual(MAX_BYTES);
  expect(size).toBeGreaterThan(1024);
});

it('nothing runs on import, so that a page loads only what it uses', async () => {
  expect(await sizeOf('TidingsError')).toBeLessThan(1024);
});

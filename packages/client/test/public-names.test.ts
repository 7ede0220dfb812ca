import { readFile, readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';

const SOURCES = 'packages/client/src';

const filesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => /(?<!\.gen)\.ts$/.test(name));

const namesIn = (index: string): string[] =>
  [...index.matchAll(/\{([^}]+)\}/g)]
    .flatMap(([, list]) => list!.split(',').map((name) => name.replace('type ', '').trim()))
    .filter(Boolean);

it.each([
  ['index.ts', 40],
  ['react/index.ts', 40],
  ['server/index.ts', 50],
])('every public name of %s has a doc comment with an example', async (index, count) => {
  const files = await filesOf(SOURCES);
  const texts = await Promise.all(files.map((name) => readFile(`${SOURCES}/${name}`, 'utf8')));
  const documented = texts.flatMap((text) =>
    [
      ...text.matchAll(
        /\/\*\*((?:(?!\*\/)[^])+)\*\/\nexport (?:async )?(?:type|interface|class|function|const) (\w+)/g,
      ),
    ]
      .filter(([, comment]) => comment!.includes('@example'))
      .map(([, , name]) => name!),
  );
  const publicNames = namesIn(texts[files.indexOf(index)]!);
  expect(publicNames.length).toBeGreaterThan(count);
  expect(publicNames.filter((name) => !documented.includes(name))).toEqual([]);
});

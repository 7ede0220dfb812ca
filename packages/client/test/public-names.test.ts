import { readFile, readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';

const SOURCES = 'packages/client/src';

const filesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => /(?<!\.gen)\.ts$/.test(name));

it('every public name has a doc comment with an example', async () => {
  const files = await filesOf(SOURCES);
  const texts = await Promise.all(files.map((name) => readFile(`${SOURCES}/${name}`, 'utf8')));
  const index = texts[files.indexOf('index.ts')]!;
  const names = [...index.matchAll(/\{([^}]+)\}/g)].flatMap(([, list]) =>
    list!.split(',').map((name) => name.replace('type ', '').trim()),
  );
  const documented = texts.flatMap((text) =>
    [...text.matchAll(/\/\*\*((?:(?!\*\/)[^])+)\*\/\nexport (?:type|interface|class|function|const) (\w+)/g)]
      .filter(([, comment]) => comment!.includes('@example'))
      .map(([, , name]) => name!),
  );
  const publicNames = names.filter(Boolean);
  expect(publicNames.length).toBeGreaterThan(40);
  expect(publicNames.filter((name) => !documented.includes(name))).toEqual([]);
});

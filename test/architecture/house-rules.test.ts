import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** Files that break a rule, put where the rule holds for as long as the linter looks at them. */
const written: string[] = [];

afterAll(() => Promise.all(written.map((file) => rm(file, { force: true }))));

async function lint(files: Record<string, string>): Promise<string[]> {
  const paths = Object.keys(files);
  written.push(...paths);
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, files[path]!);
  }
  const oxlint = join('node_modules', '.bin', 'oxlint');
  const { stdout } = await run(oxlint, ['--format', 'json', ...paths]).catch(
    (error: { stdout: string }) => error,
  );
  await Promise.all(paths.map((path) => rm(path)));
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; message: string; help?: string }[];
  };
  return diagnostics.map(({ code, message, help }) => `${code} ${message} ${help ?? ''}`);
}

const TRIPS: [rule: string, path: string, code: string, found: RegExp][] = [
  [
    'a lib must not import one above it',
    'libs/identity/trip-up.ts',
    `export { Allow } from '#access';`,
    /no-restricted-imports.*stands below/,
  ],
  [
    'a lib at the bottom imports nothing of ours',
    'libs/problem/trip-bottom.ts',
    `export { CONFIG } from '#config';`,
    /no-restricted-imports.*stands below/,
  ],
  [
    'a lib is entered by its index',
    'libs/access/trip-deep.ts',
    `export { Member } from '../identity/entities.js';`,
    /no-restricted-imports.*entered by #name/,
  ],
  [
    'a lib knows nothing of apps',
    'libs/access/trip-apps.ts',
    `export { createApi } from '../../apps/api/create-api.js';`,
    /no-restricted-imports/,
  ],
  [
    'an app enters libs by their index',
    'apps/api/trip-libs.ts',
    `export { Member } from '../../libs/identity/entities.js';`,
    /no-restricted-imports.*entered by #name/,
  ],
  [
    'no repository is injected',
    'libs/identity/trip-repository.ts',
    `export { InjectRepository } from '@nestjs/typeorm';`,
    /no-restricted-imports.*tenantTransaction/,
  ],
  [
    'no data source is taken',
    'libs/identity/trip-source.ts',
    `export { DataSource } from 'typeorm';`,
    /no-restricted-imports.*tenantTransaction/,
  ],
  [
    'no data source is taken by an app',
    'apps/api/trip-source.ts',
    `export { DataSource } from 'typeorm';`,
    /no-restricted-imports.*tenantTransaction/,
  ],
  [
    'nothing goes past the lib to PostgreSQL',
    'apps/api/trip-pg.ts',
    `export { Pool } from 'pg';`,
    /no-restricted-imports.*tenantTransaction/,
  ],
  [
    'no migration depends on code that changes',
    'migrations/trip-libs.ts',
    `export { ALL } from '#identity';`,
    /no-restricted-imports.*migration stays/,
  ],
  [
    'no promise is left alone',
    'libs/problem/trip-promise.ts',
    `async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}`,
    /no-floating-promises/,
  ],
  [
    'nothing but a program writes to the console',
    'libs/problem/trip-console.ts',
    `console.log('x');`,
    /no-console/,
  ],
];

describe('the linter', () => {
  it.each(TRIPS)('sees to it that %s', async (_rule, path, code, found) => {
    expect((await lint({ [path]: `${code}\n` })).join('\n')).toMatch(found);
  });

  it('sees to it that no imports go in a circle', async () => {
    const found = await lint({
      'libs/problem/trip-one.ts': `import { two } from './trip-two.js';\nexport const one = (): number => two();\n`,
      'libs/problem/trip-two.ts': `import { one } from './trip-one.js';\nexport const two = (): number => one();\n`,
    });
    expect(found.join('\n')).toMatch(/no-cycle/);
  });

  it('finds nothing where the rules are kept', async () => {
    const code = `import { Problem } from '#problem';\nexport const refuse = (): Problem => new Problem('forbidden');\n`;
    expect(await lint({ 'libs/access/trip-nothing.ts': code })).toEqual([]);
  });
});

describe('controllers', () => {
  it('and their requests and presenters are the only ones that know HTTP; no SQL is written in apps', async () => {
    const { stdout } = await run('grep', [
      '-rlE',
      String.raw`(SELECT|INSERT INTO|UPDATE|DELETE FROM) +[a-z_*]+`,
      'apps/api',
      '--include=*.ts',
    ]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
    const { stdout: http } = await run('grep', [
      '-rlE',
      `from 'fastify'|@nestjs/platform-fastify`,
      'libs',
    ]).catch((error: { stdout: string }) => error);
    expect(http).toBe('');
  });
});

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const SOURCES = ['apps', 'libs', 'migrations', 'packages/client/src'];
const COPIED = [
  ...SOURCES,
  'package.json',
  'tsconfig.json',
  'packages/client/tsconfig.json',
  'oxlint.config.ts',
];

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
    'a folder of a lib must not import one above it',
    'libs/messaging/policy/trip-folder.ts',
    `export { SendService } from '../send/send.service.js';`,
    /no-restricted-imports.*policy stands below/,
  ],
  [
    'no lib imports a file of another lib',
    'libs/messaging/policy/trip-lib.ts',
    `export { Member } from '../../identity/entities.js';`,
    /no-restricted-imports.*entered by #name/,
  ],
  [
    'an app imports no other app',
    'apps/worker/trip-app.ts',
    `export { createApi } from '../api/create-api.js';`,
    /no-restricted-imports.*what they share is a lib/,
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
    'no lib injects a data source',
    'libs/identity/trip-source.ts',
    `export { DataSource } from 'typeorm';`,
    /no-restricted-imports.*tenantTransaction/,
  ],
  [
    'no app injects a data source',
    'apps/api/trip-source.ts',
    `export { DataSource } from 'typeorm';`,
    /no-restricted-imports.*tenantTransaction/,
  ],
  [
    'only libs/database connects to PostgreSQL',
    'apps/api/trip-pg.ts',
    `export { Pool } from 'pg';`,
    /no-restricted-imports.*tenantTransaction/,
  ],
  [
    'no migration imports from libs',
    'migrations/trip-libs.ts',
    `export { ALL } from '#identity';`,
    /no-restricted-imports.*migration stays/,
  ],
  [
    'the client imports no lib',
    'packages/client/src/trip-lib.ts',
    `export type { Member } from '#identity';`,
    /no-restricted-imports.*nothing of the server/,
  ],
  [
    'the client imports no app',
    'packages/client/src/trip-app.ts',
    `export type { SyncResponse } from '../../../apps/api/realtime/changes.presenter.js';`,
    /no-restricted-imports.*nothing of the server/,
  ],
  [
    'the client runs without Node',
    'packages/client/src/trip-node.ts',
    `export { randomUUID } from 'node:crypto';`,
    /no-restricted-imports.*in browsers/,
  ],
  [
    'the client needs no React',
    'packages/client/src/trip-react.ts',
    `export { useState } from 'react';`,
    /no-restricted-imports.*only src.react imports React/,
  ],
  [
    'the client needs no hooks',
    'packages/client/src/live/trip-hooks.ts',
    `export { useThreads } from '../react/threads.js';`,
    /no-restricted-imports.*only src.react imports React/,
  ],
  [
    'the hooks run without Node',
    'packages/client/src/react/trip-node.ts',
    `export { randomUUID } from 'node:crypto';`,
    /no-restricted-imports.*in browsers/,
  ],
  [
    'no lib imports the client',
    'libs/messaging/policy/trip-client.ts',
    `export { createTidings } from '@tidings/client';`,
    /no-restricted-imports.*Only apps.inbox/,
  ],
  [
    'no app but apps/inbox imports the client',
    'apps/api/trip-client.ts',
    `export { createTidings } from '@tidings/client';`,
    /no-restricted-imports.*Only apps.inbox/,
  ],
  [
    'no promise is left floating',
    'libs/problem/trip-promise.ts',
    `async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}`,
    /no-floating-promises/,
  ],
  ['only programs write to the console', 'libs/problem/trip-console.ts', `console.log('x');`, /no-console/],
];

/** Two files that import each other, and files that keep every rule. */
const CYCLE = {
  'libs/problem/trip-one.ts': `import { two } from './trip-two.js';\nexport const one = (): number => two();`,
  'libs/problem/trip-two.ts': `import { one } from './trip-one.js';\nexport const two = (): number => one();`,
};
const CLEAN = {
  'packages/client/src/react/trip-react.ts': `export { useState } from 'react';`,
  'apps/inbox/trip-client.ts': `export { createTidings } from '@tidings/client';`,
  'libs/access/trip-nothing.ts': `import { Problem } from '#problem';\nexport const refuse = (): Problem => new Problem('forbidden');`,
};

describe('the linter', () => {
  let folder: string;
  let found: Map<string, string>;

  /** Where each rule is broken at once, in a copy of the project. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidings-lint-'));
    for (const name of COPIED) {
      await cp(join(ROOT, name), join(folder, name), { recursive: true });
    }
    await mkdir(join(folder, 'apps/inbox'));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const files = {
      ...Object.fromEntries(TRIPS.map(([, path, code]) => [path, code])),
      ...CYCLE,
      ...CLEAN,
    };
    for (const [path, code] of Object.entries(files)) await writeFile(join(folder, path), `${code}\n`);
    found = await lint(folder, Object.keys(files));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(TRIPS)('enforces that %s', (_rule, path, _code, expected) => {
    expect(found.get(path)).toMatch(expected);
  });

  it('enforces that imports have no cycle', () => {
    expect(found.get(Object.keys(CYCLE)[0]!)).toMatch(/no-cycle/);
  });

  it('finds nothing in code that keeps the rules', () => {
    for (const path of Object.keys(CLEAN)) expect(found.get(path), path).toBeUndefined();
  });
});

/** What the linter says of each file. */
async function lint(folder: string, paths: string[]): Promise<Map<string, string>> {
  const oxlint = join('node_modules', '.bin', 'oxlint');
  const { stdout } = await run(oxlint, ['--format', 'json', ...paths], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { filename: string; code: string; message: string; help?: string }[];
  };
  const found = new Map<string, string>();
  for (const { filename, code, message, help } of diagnostics) {
    found.set(filename, `${found.get(filename) ?? ''}${code} ${message} ${help ?? ''}\n`);
  }
  return found;
}

describe('controllers', () => {
  it('and their requests and presenters are the only code that uses HTTP, and apps contain no SQL', async () => {
    const { stdout } = await run('grep', [
      '-rlE',
      String.raw`(SELECT|INSERT INTO|UPDATE|DELETE FROM) +[a-z_*]+`,
      'apps',
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

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Files other than *.queries.ts that contain SQL, each with its reason. */
const OUTSIDE_QUERIES: Record<string, string> = {
  'database/bootstrap.ts': 'creates the roles and the schema',
  'database/database.ts': 'rolls transactions back',
  'database/idempotency.ts': 'takes and stores a key in the transaction of the request',
  'database/leader-lock.ts': 'holds a lock on a session of its own',
  'database/migrations.ts': 'reads which migrations were applied',
  'database/pg-listener.ts': 'listens on a session of its own',
  'database/prepared.ts': 'recognizes statements that return all columns',
  'database/reachability.ts': 'asks whether PostgreSQL responds',
  'database/readiness.ts': 'reads version, roles and migrations before the start',
  'database/relay-pool.ts': 'sends the statements of others',
  'database/resilient-client.ts': 'sends the statements of others',
  'database/retention.ts': 'is the statement of all retention rules',
  'database/tenant.ts': 'begins transactions',
  'database/transaction.ts': 'takes locks, records events and commits',
  'embedded-postgres/embedded-postgres.ts': 'asks the server for its data directory',
  'embedded-postgres/instance-lock.ts': 'locks the data directory by a session of its own',
};

/** What one row of configuration is read, locked or deleted by; see "SQL beside TypeORM" in docs/architecture.md. */
const REPOSITORY_METHODS = ['delete', 'existsBy', 'findOne', 'findOneBy', 'findOneByOrFail'];

const LIBS = new URL('../../libs/', import.meta.url).pathname;

const sources = readdirSync(LIBS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(LIBS, file), 'utf8') }));

it('only files of queries contain SQL, and others as listed', () => {
  const sql = /\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b|\.query(?:<[^(]*)?\(/;
  const found = sources
    .filter(({ file, text }) => !file.endsWith('.queries.ts') && sql.test(text))
    .map(({ file }) => file);
  expect(found.toSorted()).toEqual(Object.keys(OUTSIDE_QUERIES));
});

it('a repository reads, locks or deletes one row, and does nothing else', () => {
  const used = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/\.repository\(\w+\)\s*\.(\w+)/g)].map(([, method]) => ({ file, method: method! })),
  );
  expect(used).not.toEqual([]);
  expect(used.filter(({ method }) => !REPOSITORY_METHODS.includes(method))).toEqual([]);
});

it('the repository of an entity is used by the lib that owns its table', () => {
  const ownerOf = new Map(
    sources.flatMap(({ file, text }) =>
      [...text.matchAll(/@Entity\([^]*?export class (\w+)/g)].map(
        ([, name]) => [name!, libOf(file)] as const,
      ),
    ),
  );
  const elsewhere = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/\.repository\((\w+)\)/g)]
      .filter(([, name]) => ownerOf.get(name!) !== libOf(file))
      .map(([call]) => `${file}: ${call}`),
  );
  expect(elsewhere).toEqual([]);
});

const libOf = (file: string): string => file.split('/')[0]!;

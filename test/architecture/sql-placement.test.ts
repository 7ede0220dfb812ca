import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Libs whose SQL may stand in any of their files, each with its reason. */
const ANYWHERE = [
  // Opens connections, sets up roles and sessions, and makes transactions.
  'database/',
  // Locks the data directory by a connection of its own.
  'embedded-postgres/',
  // Is the queue itself: each of its classes is made of statements.
  'outbox/',
];

/** What one row of configuration is read, locked or deleted by; see "SQL beside TypeORM" in docs/architecture.md. */
const REPOSITORY_METHODS = ['delete', 'existsBy', 'findOne', 'findOneBy', 'findOneByOrFail'];

const LIBS = new URL('../../libs/', import.meta.url).pathname;

const sources = readdirSync(LIBS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(LIBS, file), 'utf8') }));

it('SQL stands in files of queries only', () => {
  const sql = /\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b|\.query(?:<[^(]*)?\(/;
  const found = sources
    .filter(({ file }) => !file.endsWith('.queries.ts') && !ANYWHERE.some((lib) => file.startsWith(lib)))
    .filter(({ text }) => sql.test(text))
    .map(({ file }) => file);
  expect(found).toEqual([]);
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

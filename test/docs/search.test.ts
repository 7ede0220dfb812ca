import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '#identity';
import { PROBLEMS } from '#problem';
import { useApi } from '../support/api.js';
import { ROOT, type Section, codesOf, documents, sectionsOf, tableOf, withoutCode } from './markdown.js';

const api = useApi();

const texts = await documents();
const sections = [...texts].flatMap(([file, text]) => sectionsOf(file, text));

function section(file: string, heading: string): Section {
  const found = sections.find((one) => one.file === file && one.heading === heading);
  expect(found, `${file} has a section "${heading}"`).toBeDefined();
  return found!;
}

/** What an engineer types into the search of the docs. */
const TERMS = [
  'retry',
  'backoff',
  'rate limit',
  'authentication',
  'permission',
  'webhook signature',
  'pagination',
  'cursor',
  'queue',
  'dead letter',
  'deploy',
  'upgrade',
  'backup',
  'Prometheus',
  'metrics',
  'SSRF',
  'quiet hours',
  'digest',
  'unsubscribe',
  'idempotency',
  'tenant',
  'row-level security',
  'scaling',
];

const MIN_WORDS = 40;

const wordsIn = (text: string): number => withoutCode(text).match(/\p{L}{2,}/gu)?.length ?? 0;

/** Sections whose heading has the term, and that say enough about it to explain it. */
const about = (term: string, searched: Section[]): Section[] =>
  searched.filter(
    ({ heading, text }) =>
      new RegExp(`\\b${term}`, 'i').test(heading) &&
      new RegExp(term, 'i').test(text) &&
      wordsIn(text) >= MIN_WORDS,
  );

describe('the docs', () => {
  it.each(TERMS)('have a section about "%s"', (term) => {
    expect(about(term, sections).map(({ file, anchor }) => `${file}#${anchor}`)).not.toEqual([]);
  });

  it('do not count a heading without a text, or a text that only mentions the term', () => {
    const long = 'Something else is explained here with many words about other things. '.repeat(8);
    const made = sectionsOf('made.md', `# Retry\n\nA retry is short.\n\n# Other\n\n${long} A retry.`);
    expect(about('retry', made)).toEqual([]);
    expect(about('other', made)).toHaveLength(1);
  });

  it.each([...texts.keys()])('have no broken link in %s', (file) => {
    const links = [...withoutCode(texts.get(file)!).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(
      ([, link]) => link!,
    );
    const broken = links.filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false;
      const [path, anchor] = link.split('#');
      const target = path ? normalize(join(dirname(file), path)) : file;
      if (!existsSync(ROOT + target)) return true;
      return anchor !== undefined && !sections.some((one) => one.file === target && one.anchor === anchor);
    });
    expect(broken).toEqual([]);
  });

  it('are all linked from README', () => {
    const readme = texts.get('README.md')!;
    expect([...texts.keys()].filter((file) => file !== 'README.md' && !readme.includes(`(${file})`))).toEqual(
      [],
    );
  });
});

describe('docs/api.md', () => {
  it('lists every error code with its status, and no others', () => {
    const rows = tableOf(section('docs/api.md', 'Errors').text);
    const documented = Object.fromEntries(rows.map(([code, status]) => [codesOf(code!)[0], Number(status)]));
    const known = Object.fromEntries(Object.entries(PROBLEMS).map(([code, [status]]) => [code, status]));
    expect(documented).toEqual(known);
    for (const [code, , cause, action] of rows) expect(`${cause} ${action}`, code).toMatch(/\w.* .*\w/);
  });
});

describe('docs/authentication.md', () => {
  it('lists every permission with its built-in roles, and no others', async () => {
    const admin = await api.as(await api.build.member({ role: 'admin' }));
    const { body } = await admin.get('admin/roles?limit=100');
    const roles = body.data as { name: string; effective_permissions: string[] }[];
    const known = PERMISSIONS.map((permission) => [
      permission,
      roles
        .filter(({ effective_permissions }) => effective_permissions.includes(permission))
        .map(({ name }) => name)
        .toSorted()
        .join(', '),
    ]);

    const rows = tableOf(section('docs/authentication.md', 'Permissions').text);
    expect(rows.map(([permission, , holders]) => [codesOf(permission!)[0], holders])).toEqual(known);
  });
});

describe('docs/operations.md', () => {
  it('lists every metric, and no others', async () => {
    const { text } = await api.anybody.get('/metrics');
    const served = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    const documented = ['Metrics of Tidings', 'Metrics of the process'].flatMap((heading) =>
      tableOf(section('docs/operations.md', heading).text).flatMap(([names]) => codesOf(names!)),
    );
    expect(served.length).toBeGreaterThan(10);
    // Some of the process are known on Linux only.
    const isElsewhere = (name: string) => process.platform !== 'linux' && name.startsWith('process_');
    expect(documented.filter((name) => served.includes(name) || !isElsewhere(name)).toSorted()).toEqual(
      served.toSorted(),
    );
  });

  it('lists every environment variable that is read, and no others', async () => {
    const files = await readdir(`${ROOT}libs/config`);
    const sources = await Promise.all(files.map((file) => readFile(`${ROOT}libs/config/${file}`, 'utf8')));
    const read = [...sources.join('\n').matchAll(/read\.(?!port)\w+\(\s*'([A-Z_]+)'/g)].map(
      ([, name]) => name!,
    );
    const example = await readFile(`${ROOT}.env.example`, 'utf8');
    const named = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name!);
    const documented = tableOf(section('docs/operations.md', 'Configuration').text).flatMap(([names]) =>
      codesOf(names!),
    );

    expect(documented.toSorted()).toEqual([...new Set([...read, 'PORT'])].toSorted());
    expect(named.toSorted()).toEqual(documented.toSorted());
  });
});

describe('docs/reliability.md', () => {
  it('names tests that exist', () => {
    const { text } = section('docs/reliability.md', 'Held against hostile use');
    const rows = text
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^\|[ -]+\||^\| point/.test(line));
    const tests = rows.flatMap((row) => codesOf(row.split('|').at(-2)!));
    expect(tests.length).toBeGreaterThan(30);
    expect(tests.filter((test) => !existsSync(`${ROOT}test/${test}.test.ts`))).toEqual([]);
  });
});

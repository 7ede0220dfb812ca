import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

it.each([
  ['an unknown option', ['--short'], "Unknown option '--short'"],
  ['an unknown argument', ['quick'], "Unknown argument 'quick'"],
  ['a second word', ['short', 'full'], "Unexpected argument 'full'"],
  ['an option without its value', ['--only'], "Option '--only <value>' argument missing"],
])('prints the usage of the benchmark and exits with 2 for %s', (_what, args, problem) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  expect(stderr.split('\n')).toEqual([problem, expect.stringMatching(/^Usage: npm run bench /), '']);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

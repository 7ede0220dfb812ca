import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

const SOURCES = ['apps', 'libs', 'migrations', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

/** The tests of starting run what is built, so it is built first unless that is newer than its sources. */
export default async function build(): Promise<void> {
  const built = await changedAt(path('dist/apps/api/main.js')).catch(() => 0);
  const changed = await Promise.all(SOURCES.map((source) => newest(path(source))));
  if (built > Math.max(...changed)) return;
  await promisify(execFile)('npm', ['run', 'build', '--silent'], { cwd: path('') }).catch(
    (error: { stdout?: string; stderr?: string }) => {
      throw new Error(`The build failed:\n${error.stdout}${error.stderr}`, { cause: error });
    },
  );
}

const changedAt = async (file: string): Promise<number> => (await stat(file)).mtimeMs;

/** Folders count too: theirs is the only time that tells of a file that is gone. */
async function newest(root: string): Promise<number> {
  const inside = (await stat(root)).isDirectory() ? await readdir(root, { recursive: true }) : [];
  const times = await Promise.all([root, ...inside.map((name) => `${root}/${name}`)].map(changedAt));
  return Math.max(...times);
}

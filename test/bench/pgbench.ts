import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Load } from './load.ts';
import { CONNECTIONS, type Drive } from './measuring.ts';
import { TALKERS } from './seeding.ts';
import type { World } from './world.ts';

export const hasPgbench = (): boolean => spawnSync('pgbench', ['--version']).status === 0;

/** These statements in one transaction, one after the other, with $1 by chance. */
export const drivePgbench =
  (
    { databaseUrl }: World,
    statements: string[],
    { seconds, rate, connections = CONNECTIONS }: { seconds: number; rate?: number; connections?: number },
  ): Drive =>
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-pgbench-'));
    try {
      const script = [`\\set number random(1, ${TALKERS})`, 'BEGIN;']
        .concat(statements.map((text) => `${text.replaceAll('$1', ':number').replaceAll(/\s+/g, ' ')};`))
        .concat('COMMIT;');
      await writeFile(join(folder, 'script.sql'), script.join('\n'));
      const options = [
        '-n',
        '-M',
        'prepared',
        '-c',
        `${connections}`,
        '-j',
        '2',
        '-T',
        `${Math.ceil(seconds)}`,
      ];
      const throttle = rate ? ['-R', String(rate)] : [];
      const log = ['-l', `--log-prefix=${join(folder, 'log')}`, '-f', join(folder, 'script.sql')];
      await promisify(execFile)('pgbench', [...options, ...throttle, ...log, databaseUrl]);
      return await readLog(folder, Math.ceil(seconds));
    } finally {
      await rm(folder, { recursive: true });
    }
  };

/** A line a transaction: client, number, microseconds, and more. With a rate they count from when it was due. */
async function readLog(folder: string, seconds: number): Promise<Load> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('log'));
  const logs = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const lines = logs.flatMap((log) => log.trim().split('\n'));
  return {
    latencies: Float64Array.from(lines, (line) => Number(line.split(' ')[2]) / 1000),
    seconds,
    failures: {},
  };
}

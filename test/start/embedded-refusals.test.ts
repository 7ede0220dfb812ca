import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, expect, it } from 'vitest';
import { startEmbedded } from '#database';
import { expectRefusal, postgresOf, useProcesses } from './processes.js';

const processes = useProcesses();

const taken = createServer();
afterEach(() => void taken.close());

it('refuses a folder that another server runs on, which goes on serving', async () => {
  const dataDir = await processes.folder();
  const first = await processes.serve({ DATA_DIR: dataDir });

  const second = await processes.start({ DATA_DIR: dataDir }).ending;

  expectRefusal(second, /^Another Tidings runs on DATA_DIR .*: stop it, or give this one a folder/);
  expect(second.stderr).toContain(dataDir);
  expect(await first.send('GET', '/health/ready')).toMatchObject({ status: 200 });
});

it('refuses a port that is taken, and leaves no PostgreSQL running', async () => {
  const dataDir = await processes.folder();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
  });

  const ending = await processes.start({ DATA_DIR: dataDir, PORT: String(port) }).ending;

  expectRefusal(ending, new RegExp(`^Port ${port} is taken: .* set PORT`));
  expect(await postgresOf(dataDir)).toBeNull();
});

it('lets one of two serve that are started at once on an empty folder', async () => {
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

it('refuses a DATA_DIR that it cannot write to', async () => {
  const file = join(await processes.folder(), 'a-file');
  await writeFile(file, '');
  expectRefusal(await processes.start({ DATA_DIR: file }).ending, /^Cannot write to DATA_DIR .*a-file/);
});

it('refuses to serve as a role that can bypass row-level security', async () => {
  const dataDir = await processes.folder();
  const server = await processes.serve({ DATA_DIR: dataDir });
  await server.kill('SIGINT');
  const embedded = await startEmbedded(dataDir);
  const client = new Client({ connectionString: embedded.url });
  await client.connect();
  await client.query('ALTER ROLE tidings_request BYPASSRLS');
  await client.end();
  await embedded.stop();

  const ending = await processes.start({ DATA_DIR: dataDir }).ending;

  expectRefusal(ending, /^Tidings would run as tidings_request, which .*can bypass row-level security/);
  expect(await postgresOf(dataDir)).toBeNull();
});

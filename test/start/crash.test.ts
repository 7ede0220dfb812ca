import { readdir } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { Server } from '../support/process.js';
import { PATIENCE, killPostgres, listens, postgresOf, useProcesses } from './processes.js';

const processes = useProcesses();

it('recovers all acknowledged messages after server and PostgreSQL were killed', async () => {
  const dataDir = await processes.usedFolder();
  const killed = await processes.serve({ DATA_DIR: dataDir });
  const id = await makeMember(killed);
  await Promise.all([killed.kill('SIGKILL'), killPostgres(dataDir, 'SIGKILL')]);

  const server = await processes.serve({ DATA_DIR: dataDir });

  await expectMember(server, id);
});

it('takes over the PostgreSQL of a killed server, and stops it at its own end', async () => {
  const dataDir = await processes.usedFolder();
  const killed = await processes.serve({ DATA_DIR: dataDir });
  const id = await makeMember(killed);
  const postgres = await postgresOf(dataDir);
  await killed.kill('SIGKILL');
  expect(await listens(postgres!.port)).toBe(true);

  const server = await processes.serve({ DATA_DIR: dataDir });

  await expectMember(server, id);
  expect(await postgresOf(dataDir)).toEqual(postgres);
  expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  expect(await postgresOf(dataDir)).toBeNull();
});

it('does not stop a PostgreSQL that another server has started after its own was killed', async () => {
  const dataDir = await processes.usedFolder();
  const first = await processes.serve({ DATA_DIR: dataDir });
  await killPostgres(dataDir, 'SIGKILL');
  const second = await processes.serve({ DATA_DIR: dataDir });

  expect(await first.kill('SIGINT')).toMatchObject({ code: 0 });

  expect(await second.send('GET', '/health/ready')).toMatchObject({ status: 200 });
});

it('serves after a first start that was killed during initdb', async () => {
  const dataDir = await processes.folder();
  const killed = processes.start({ DATA_DIR: dataDir });
  await vi.waitFor(
    async () => expect(await readdir(dataDir)).toEqual([expect.stringMatching(/^building-/)]),
    PATIENCE,
  );
  await killed.kill('SIGKILL');
  expect(await readdir(dataDir)).not.toContain('postgres');

  const server = await processes.serve({ DATA_DIR: dataDir });

  expect(await server.send('GET', '/api/v1/me', await server.signIn('ada'))).toMatchObject({ status: 200 });
});

async function makeMember(server: Server): Promise<string> {
  const id = uuid();
  const nora = { username: 'nora', display_name: 'Nora', role: 'user' };
  const answer = await server.send('PUT', `/api/v1/members/${id}`, await server.signIn('ada'), nora);
  expect(answer).toMatchObject({ status: 201 });
  return id;
}

async function expectMember(server: Server, id: string): Promise<void> {
  const answer = await server.send('GET', `/api/v1/members/${id}`, await server.signIn('ada'));
  expect(answer).toMatchObject({ status: 200, body: { id, username: 'nora' } });
}

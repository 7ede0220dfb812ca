import { expect, it, vi } from 'vitest';
import { PATIENCE, listens, postgresOf, useProcesses } from './processes.js';

const processes = useProcesses();

it('stops with its PostgreSQL on SIGINT', async () => {
  const dataDir = await processes.usedFolder();
  const server = await processes.serve({ DATA_DIR: dataDir });
  const postgres = await postgresOf(dataDir);

  expect(await server.kill('SIGINT')).toMatchObject({ code: 0, stderr: '' });
  expect(await postgresOf(dataDir)).toBeNull();
  expect(await listens(postgres!.port)).toBe(false);
});

it('serves for a while after SIGTERM, not ready and closing connections, then stops', async () => {
  const dataDir = await processes.usedFolder();
  const server = await processes.serve({ DATA_DIR: dataDir });
  const postgres = await postgresOf(dataDir);
  const ada = await server.signIn('ada');
  expect(await server.send('GET', '/health/ready')).toMatchObject({ status: 200 });

  const ending = server.kill('SIGTERM');
  const ready = await vi.waitFor(async () => {
    const answer = await server.send('GET', '/health/ready');
    expect(answer.status).toBe(503);
    return answer;
  }, PATIENCE);
  const me = await server.send('GET', '/api/v1/me', ada);

  expect(ready).toMatchObject({ headers: { connection: 'close' }, body: { code: 'unavailable' } });
  expect(me).toMatchObject({ status: 200, headers: { connection: 'close' }, body: { username: 'ada' } });
  expect(await ending).toMatchObject({ code: 0, stderr: '' });
  expect(await postgresOf(dataDir)).toBeNull();
  expect(await listens(postgres!.port)).toBe(false);
});

it('stops at once on a second signal a second later', async () => {
  const server = await processes.serve({ DATA_DIR: await processes.usedFolder() });
  const ending = server.kill('SIGTERM');
  await server.printed(/"msg":"stopping"/);

  const again = setInterval(() => void server.kill('SIGINT'), 50);

  expect(await ending).toMatchObject({ code: 1, stderr: '' });
  clearInterval(again);
});

it('leaves no PostgreSQL running after a signal during the start', async () => {
  const dataDir = await processes.folder();
  const server = processes.start({ DATA_DIR: dataDir });
  await vi.waitFor(async () => expect(await postgresOf(dataDir)).not.toBeNull(), PATIENCE);

  expect(await server.kill('SIGINT')).toMatchObject({ code: 0, stderr: '' });
  expect(await postgresOf(dataDir)).toBeNull();
});

import assert from 'node:assert/strict';
import { chown } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { userNobody } from '../support/process.js';
import { canRunAsRootWith, isRoot } from '../support/requirements.js';
import { expectRefusal, useProcesses } from './processes.js';

const processes = useProcesses();

const nobody = userNobody();

it('serves from an empty folder, prints steps, addresses and how to sign in, and keeps its data over a restart', async () => {
  const dataDir = await processes.folder();
  const server = await processes.serve({ DATA_DIR: dataDir });
  await server.printed(
    /^ {2}PostgreSQL 18 +\d+\.\d s\n {2}Migrations +\d+\.\d s {3}[1-9]\d* applied\n {2}Server +\d+\.\d s\n {2}Demo data +\d+\.\d s\n/,
  );
  const [, address] = await server.printed(/Swagger UI +(http:\S+)\/docs/);
  const [, token, json] = await server.printed(/curl (\S+) --json '(.*)'/);
  await server.printed(new RegExp(`Mail +in ${dataDir}/mail`));
  await server.printed(new RegExp(`Data +${dataDir}`));

  expect(await server.send('GET', '/')).toMatchObject({ status: 302, headers: { location: '/docs' } });
  expect(await fetch(`${address}/docs`)).toMatchObject({ status: 200 });
  expect(await server.send('GET', '/health/ready')).toMatchObject({ status: 200 });
  const signedIn = await fetch(token!, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: json!,
  });
  const { access_token } = (await signedIn.json()) as { access_token: string };
  expect(await server.send('GET', '/api/v1/me', { Authorization: `Bearer ${access_token}` })).toMatchObject({
    status: 200,
    body: { username: 'ada', role: 'admin' },
  });

  const id = uuid();
  const nora = { username: 'nora', display_name: 'Nora', role: 'user' };
  const made = await server.send('PUT', `/api/v1/members/${id}`, await server.signIn('ada'), nora);
  await server.kill('SIGINT');
  const second = await processes.serve({ DATA_DIR: dataDir });
  const found = await second.send('GET', '/api/v1/members/nora', await second.signIn('ada'));

  expect(made).toMatchObject({ status: 201 });
  expect(found).toMatchObject({ status: 200, body: { id, ...nora } });
});

it.runIf(isRoot)('lets root use a folder that is closed to other users', async () => {
  const server = await processes.serve({ DATA_DIR: await processes.closedFolder() });
  expect(await server.send('GET', '/health/ready')).toMatchObject({ status: 200 });
});

it.runIf(canRunAsRootWith(nobody !== null))('runs as an ordinary user too', async () => {
  assert(nobody, 'The user nobody must be able to read this project: move it out of folders such as /root.');
  const dataDir = await processes.folder();
  await chown(dataDir, nobody.uid, nobody.gid);

  const server = await processes.serve({ DATA_DIR: dataDir, HOME: dataDir }, nobody);
  const me = await server.send('GET', '/api/v1/me', await server.signIn('ada'));

  expect(me).toMatchObject({ status: 200 });
  expect(await server.kill('SIGINT')).toMatchObject({ code: 0, stderr: '' });
});

it('prints why it refuses its configuration, and ends', async () => {
  const { ending } = processes.start({ DATA_DIR: await processes.folder(), PORT: 'abc' });
  expectRefusal(await ending, /^PORT must be a whole number/);
});

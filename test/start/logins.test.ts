import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { startEmbedded } from '#embedded-postgres';
import { onServer } from '../support/database.js';
import type { Server } from '../support/process.js';
import { expectRefusal, useProcesses } from './processes.js';

const processes = useProcesses();

const PLATFORM_KEY = 'a platform key of at least 32 characters';
const SETTINGS = {
  AUTH_JWT_SECRET: 'a secret of at least thirty-two characters',
  PLATFORM_API_KEY: PLATFORM_KEY,
};

/** Logins belong to the whole server: these have names of their own and go once their databases are gone. */
const logins: string[] = [];
afterAll(async () => {
  await onServer(inject('postgresUrl'), ...logins.map((name) => `DROP ROLE ${name}`));
});

/** The same database by way of a new login with these attributes. */
async function login(url: string, attributes: string): Promise<{ name: string; url: string }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(url, `CREATE ROLE ${name} LOGIN PASSWORD 'password' ${attributes}`);
  if (new URL(url).host === new URL(inject('postgresUrl')).host) logins.push(name);
  const own = new URL(url);
  own.username = name;
  own.password = 'password';
  return { name, url: own.href };
}

async function expectToServe(server: Server): Promise<void> {
  const path = `/api/v1/organizations/${uuid()}`;
  const made = await server.send('PUT', path, { 'X-Api-Key': PLATFORM_KEY }, { name: 'Riverside' });
  expect(made).toMatchObject({ status: 201 });
  expect(await server.kill('SIGINT')).toMatchObject({ code: 0, stderr: '' });
}

it('serves with separate logins for requests, relay and migrations', async () => {
  const { url } = await processes.database({ migrated: false });
  const server = await processes.serve({
    ...SETTINGS,
    DATABASE_URL: (await login(url, 'IN ROLE tidings_request')).url,
    DATABASE_RELAY_URL: (await login(url, 'IN ROLE tidings_relay')).url,
    DATABASE_MIGRATE_URL: url,
  });
  await expectToServe(server);
});

it.each([
  ['DATABASE_URL', 'tidings_relay', 'tidings_request'],
  ['DATABASE_RELAY_URL', 'tidings_request', 'tidings_relay'],
])('refuses a login in %s that is in %s but not in %s', async (variable, wrong, right) => {
  const { url } = await processes.database();
  const { name, url: given } = await login(url, `IN ROLE ${wrong}`);

  const ending = await processes.start({
    ...SETTINGS,
    DATABASE_URL: url,
    DATABASE_MIGRATE_URL: url,
    [variable]: given,
  }).ending;

  expectRefusal(ending, new RegExp(`^The user of ${variable} cannot act as ${right} `));
  expect(ending.stderr).toContain(`GRANT ${right} TO "${name}"`);
});

it.each(['DATABASE_RELAY_URL', 'DATABASE_MIGRATE_URL'])('names %s if its URL is wrong', async (variable) => {
  const { url } = await processes.database();
  const ending = await processes.start({
    ...SETTINGS,
    DATABASE_URL: url,
    [variable]: 'postgresql://somebody@127.0.0.1:1/nothing',
  }).ending;
  expectRefusal(ending, new RegExp(`^Cannot connect to .*: nothing listens there\\. Check .*${variable}`));
});

it('migrates and serves with one login that is not a superuser, on a new server', async () => {
  const { url } = await startEmbedded(await processes.folder());
  const administrator = await login(url, 'CREATEROLE');
  await onServer(url, `GRANT CREATE ON DATABASE postgres TO ${administrator.name}`);
  await expectToServe(await processes.serve({ ...SETTINGS, DATABASE_URL: administrator.url }));
});

it('says which existing roles a login needs, and serves once it has them', async () => {
  const { url } = await startEmbedded(await processes.folder());
  const roles = ['tidings_owner', 'tidings_request', 'tidings_relay'];
  const administrator = await login(url, 'CREATEROLE');
  await onServer(
    url,
    `GRANT CREATE ON DATABASE postgres TO ${administrator.name}`,
    ...roles.map((role) => `CREATE ROLE ${role}`),
  );
  const environment = { ...SETTINGS, DATABASE_URL: administrator.url };

  const refused = await processes.start(environment).ending;
  expectRefusal(refused, /^The database user \w+ may not act as tidings_owner/);
  const [, grant] = /run (GRANT .*)\.$/m.exec(refused.stderr) ?? [];
  await onServer(url, grant!);

  await expectToServe(await processes.serve(environment));
});

import { readdir } from 'node:fs/promises';
import { SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { TestDatabase } from '../support/database.js';
import { expectRefusal, useProcesses } from './processes.js';

const processes = useProcesses();

const SECRET = 'a secret of at least thirty-two characters';
const PLATFORM_KEY = 'a platform key of at least 32 characters';
const PRODUCTION = {
  NODE_ENV: 'production',
  AUTH_JWKS_URL: 'https://issuer.example/jwks',
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_AUDIENCE: 'tidings',
  SECRETS_KEY: 'a secrets key of at least thirty-two characters',
};

it('migrates and serves the database of DATABASE_URL, without an embedded PostgreSQL', async () => {
  const { url } = await processes.database({ migrated: false });
  const dataDir = await processes.folder();
  const server = await processes.serve({
    DATABASE_URL: url,
    DATA_DIR: dataDir,
    AUTH_MODE: 'jwt',
    AUTH_JWT_SECRET: SECRET,
    PLATFORM_API_KEY: PLATFORM_KEY,
  });
  const [organization, user] = [uuid(), uuid()];
  const platform = { 'X-Api-Key': PLATFORM_KEY };
  const inside = { ...platform, 'X-Organization-Id': organization };
  const nora = { username: 'nora', display_name: 'Nora', role: 'user' };
  await server.send('PUT', `/api/v1/organizations/${organization}`, platform, { name: 'Riverside' });
  await server.send('PUT', `/api/v1/members/${user}`, inside, nora);

  const token = await new SignJWT({ sub: user, org: organization })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1 minute')
    .sign(new TextEncoder().encode(SECRET));
  const me = await server.send('GET', '/api/v1/me', { Authorization: `Bearer ${token}` });

  expect(me).toMatchObject({ status: 200, body: { id: user, username: 'nora' } });
  expect(await server.send('POST', '/api/v1/dev/token', {}, { username: 'nora' })).toMatchObject({
    status: 404,
  });
  expect(await readdir(dataDir)).toEqual([]);
  expect(await server.kill('SIGINT')).toMatchObject({ code: 0, stderr: '' });
});

it('serves a migrated database in production, beside a table that is not its own, and prints only log lines', async () => {
  const database = await processes.database();
  await database.query('CREATE TABLE copied ()');
  const server = await processes.serve({ ...PRODUCTION, DATABASE_URL: database.url });
  expect(await server.send('GET', '/health/ready')).toMatchObject({ status: 200 });
  expect(await server.send('GET', '/')).toMatchObject({ status: 404, body: { code: 'not_found' } });

  const { stdout, stderr } = await server.kill('SIGINT');
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('serving');
  expect(stderr).toBe('');
});

it('refuses a database with a table whose row-level security is not forced or not enabled', async () => {
  const database = await processes.database();
  for (const change of ['NO FORCE', 'DISABLE']) {
    await database.query(`ALTER TABLE messages ${change} ROW LEVEL SECURITY`);
    const { ending } = processes.start({ ...PRODUCTION, DATABASE_URL: database.url });
    expectRefusal(
      await ending,
      /^Row-level security is not enabled and forced on tidings\.messages: run ALTER TABLE/,
    );
    await database.query('ALTER TABLE messages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
  }
});

it('does not migrate in production, and says how to', async () => {
  const database = await processes.database({ migrated: false });
  const { ending } = processes.start({ ...PRODUCTION, DATABASE_URL: database.url });
  expectRefusal(await ending, /^The database lacks the migration \w+: run "npm run migrate"/);
  expect(await database.query(`SELECT to_regclass('tidings.migrations') AS migrations`)).toEqual([
    { migrations: null },
  ]);
});

it.each([
  ['not an address', /^HOST not an address is not known/],
  ['203.0.113.1', /^HOST 203\.0\.113\.1 is not an address of this machine/],
])('refuses HOST "%s"', async (host, sentence) => {
  const { url } = await processes.database();
  const { ending } = processes.start({ AUTH_JWT_SECRET: SECRET, DATABASE_URL: url, HOST: host });
  expectRefusal(await ending, sentence);
});

const changed = (url: string, change: (url: URL) => void): string => {
  const other = new URL(url);
  change(other);
  return other.href;
};

it.each<[string, (database: TestDatabase) => string | Promise<string>, RegExp]>([
  [
    'where nothing listens',
    ({ url }) => changed(url, (other) => (other.port = '1')),
    /^Cannot connect to database \w+ at 127.0.0.1:1 as postgres: nothing listens there\. Check DATABASE_URL/,
  ],
  [
    'with a wrong password',
    ({ url }) => changed(url, (other) => (other.password = 'wrong-password')),
    /^Cannot connect to .*: the password is wrong\. Check DATABASE_URL/,
  ],
  [
    'that does not exist',
    ({ url }) => changed(url, (other) => (other.pathname = '/nothing')),
    /^Cannot connect to database nothing at .*: there is no such database\. Check DATABASE_URL/,
  ],
  [
    'with an unknown migration',
    async (database) => {
      await database.query(`INSERT INTO tidings.migrations (timestamp, name) VALUES (1, 'FromTomorrow')`);
      return database.url;
    },
    /^The database has the migration FromTomorrow, which this version of Tidings does not know/,
  ],
])('refuses a database %s, in production or not', async (_what, prepare, sentence) => {
  const url = await prepare(await processes.database());
  const endings = await Promise.all(
    [{ AUTH_JWT_SECRET: SECRET }, PRODUCTION].map(
      (environment) => processes.start({ ...environment, DATABASE_URL: url }).ending,
    ),
  );
  for (const ending of endings) {
    expectRefusal(ending, sentence);
    expect(ending.stderr).not.toContain(new URL(url).password);
  }
});

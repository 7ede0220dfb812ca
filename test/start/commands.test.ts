import { expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { expectRefusal, postgresOf, useProcesses } from './processes.js';

const processes = useProcesses();

/** Commands need a database, and nothing that the server or a worker needs. */
const NOTHING_ELSE = { NODE_ENV: '', PORT: 'none', AUTH_MODE: 'none', MAIL_FROM: 'none', LOG_LEVEL: 'none' };
const MIGRATE = 'apps/cli/migrate.js';
const ROTATE_SECRETS = 'apps/cli/rotate-secrets.js';
const CREATE_KEY = 'apps/cli/create-key.js';

it('migrates up once, and down one by one', async () => {
  const database = await processes.database({ migrated: false });
  const environment = { ...NOTHING_ELSE, DATABASE_URL: database.url };
  const migrate = async (...args: string[]) => {
    const { stdout, ...ending } = await processes.run(MIGRATE, args, environment);
    expect(ending).toEqual({ code: 0, signal: null, stderr: '' });
    return stdout;
  };

  expect(await migrate()).toMatch(/^Applied CreateTenancyFunctions1763640001000, .*\.\n$/);
  expect(await migrate()).toBe('The database is up to date.\n');
  const applied = await database.query<{ name: string }>('SELECT name FROM migrations ORDER BY id DESC');
  expect(await migrate('down')).toBe(`Reverted ${applied[0]!.name}.\n`);
  expect(await migrate('down')).toBe(`Reverted ${applied[1]!.name}.\n`);
  expect(await migrate()).toBe(`Applied ${applied[1]!.name}, ${applied[0]!.name}.\n`);
});

it('starts the PostgreSQL of DATA_DIR for the time of a command', async () => {
  const dataDir = await processes.folder();
  const ending = await processes.run(MIGRATE, [], { DATA_DIR: dataDir });
  expect(ending).toMatchObject({ code: 0, stderr: '' });
  expect(ending.stdout).toMatch(/^Applied /);
  expect(await postgresOf(dataDir)).toBeNull();
});

it('creates a platform key beside a running server, which accepts it at once', async () => {
  const dataDir = await processes.usedFolder();
  const server = await processes.serve({ DATA_DIR: dataDir });

  const ending = await processes.run(CREATE_KEY, ['back end'], { DATA_DIR: dataDir });
  const [key] = /^td_\S+/.exec(ending.stdout) ?? [];
  const path = `/api/v1/organizations/${uuid()}`;
  const made = await server.send('PUT', path, { 'X-Api-Key': key! }, { name: 'Riverside' });

  expect(ending).toMatchObject({ code: 0, stderr: '' });
  expect(made).toMatchObject({ status: 201 });
  expect(await server.send('PUT', path, { 'X-Api-Key': `${key}x` }, { name: 'Riverside' })).toMatchObject({
    status: 401,
  });
});

it('creates a platform key in the database of DATABASE_URL, without other settings', async () => {
  const { url } = await processes.database();
  const ending = await processes.run(CREATE_KEY, [], { ...NOTHING_ELSE, DATABASE_URL: url });
  expect(ending).toMatchObject({ code: 0, stderr: '' });
  expect(ending.stdout).toMatch(/^td_\S+/);
});

it('re-encrypts all secrets beside a running server, and ends with one sentence without a key', async () => {
  const database = await processes.database();
  const [key, next] = ['a secrets key of at least 32 characters', 'the next secrets key of 32 characters'];
  const environment = { NODE_ENV: 'development', DATABASE_URL: database.url, DEMO: 'true' };
  const server = await processes.serve({
    ...environment,
    AUTH_MODE: 'dev',
    DATA_DIR: await processes.folder(),
    SECRETS_KEY: key,
    SECRETS_KEY_PREVIOUS: next,
  });
  const { body } = await server.send('POST', '/api/v1/dev/token', {}, { username: 'ada' });
  const ada = { Authorization: `Bearer ${body.access_token as string}` };
  const hook = { url: 'https://clinic.example' };
  const made = await server.send('POST', '/api/v1/admin/webhooks', ada, hook);
  expect(made).toMatchObject({ status: 201 });
  const rotate = (keys: object) => processes.run(ROTATE_SECRETS, [], { ...environment, ...keys });
  const keyIds = () =>
    database.query(
      `SELECT DISTINCT left(secret, 15) AS key FROM webhook_endpoints WHERE id = '${made.body.id}'`,
    );
  const before = await keyIds();

  expectRefusal(
    await rotate({ SECRETS_KEY: next }),
    /^A secret of purpose webhook is encrypted with key [0-9a-f]{8}, which is neither SECRETS_KEY nor SECRETS_KEY_PREVIOUS\. Set/,
  );
  expect(await keyIds()).toEqual(before);
  expect(await rotate({ SECRETS_KEY: next, SECRETS_KEY_PREVIOUS: key })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Re-encrypted [1-9]\d* secrets; /),
  });
  expect(await keyIds()).not.toEqual(before);
  expect(await rotate({ SECRETS_KEY: next })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Re-encrypted 0 secrets; /),
  });
  const test = await server.send('POST', `/api/v1/admin/webhooks/${made.body.id as string}/test`, ada, {});
  expect(test).toMatchObject({ status: 200, body: { status: 'failed' } });
});

it.each([MIGRATE, CREATE_KEY])('ends %s with one sentence without a database', async (script) => {
  const ending = await processes.run(script, [], {
    ...NOTHING_ELSE,
    DATABASE_URL: 'postgresql://somebody@127.0.0.1:1/nothing',
  });
  expectRefusal(ending, /^Cannot connect to .*: nothing listens there/);
});

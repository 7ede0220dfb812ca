import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { TestDatabase } from '../support/database.js';
import { HttpClient } from '../support/http.js';
import type { Environment } from '../support/process.js';
import { canRunAsRootWith } from '../support/requirements.js';
import { DocumentedCommand, NAMESPACE, checkout, execStart } from './documented-command.js';
import { PATIENCE, listens, postgresOf, useProcesses } from './processes.js';

const processes = useProcesses();

const PLATFORM_KEY = 'a platform key of at least 32 characters';

/** Production asks every program that sends or serves for it. */
const SECRETS = { SECRETS_KEY: 'a secrets key of at least 32 characters' };

/** Namespaces need root, and some containers do not allow them. */
const canBeFirst = canRunAsRootWith(spawnSync(NAMESPACE[0]!, [...NAMESPACE.slice(1), 'true']).status === 0);

/** How a stop arrives. */
const STOPS = {
  'SIGTERM to its main process, as of kill, systemd with KillMode=mixed, docker stop': async (
    command: DocumentedCommand,
  ) => process.kill(await command.main(), 'SIGTERM'),
  'SIGTERM to all of its processes, as of systemd with KillMode=control-group': (
    command: DocumentedCommand,
  ) => process.kill(-command.pid, 'SIGTERM'),
  'SIGINT to all of its processes, as of Ctrl-C': (command: DocumentedCommand) =>
    process.kill(-command.pid, 'SIGINT'),
};
type Stop = keyof typeof STOPS;
const [TO_MAIN, TO_ALL, CTRL_C] = Object.keys(STOPS) as [Stop, Stop, Stop];

/** The keys of an issuer, of which production wants to know. */
const issuer = createServer((_request, response) => response.end('{"keys":[]}'));
beforeAll(() => new Promise<void>((resolve) => void issuer.listen(0, '127.0.0.1', resolve)));
afterAll(() => void issuer.close());

const production = ({ url }: TestDatabase): Environment => ({
  DATABASE_URL: url,
  AUTH_JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`,
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_AUDIENCE: 'tidings',
  PLATFORM_API_KEY: PLATFORM_KEY,
  ...SECRETS,
});

async function start(command: string, environment: Environment, isFirst = false): Promise<DocumentedCommand> {
  const folder = await checkout(await processes.folder());
  const line = command.startsWith('npm ') ? command : await execStart(folder, command);
  return processes.own(new DocumentedCommand(folder, line, environment, isFirst));
}

const portOf = async (command: DocumentedCommand): Promise<number> =>
  Number((await command.printed(/"address":"http:\/\/localhost:(\d+)"/))[1]);

/** Has a request take longer than a stopping server goes on accepting others. */
const slowDown = (database: TestDatabase) =>
  database.query(`
    CREATE FUNCTION slow_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN new; END $$;
    CREATE TRIGGER slow_down BEFORE INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION slow_down()`);

const isSlowedDown = async (database: TestDatabase): Promise<boolean> =>
  (
    await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
    )
  ).length > 0;

describe('a documented command', () => {
  it.for<[command: string, stop: Stop, isFirst: boolean]>([
    ['npm run start:prod', TO_MAIN, false],
    ['npm run start:prod', TO_ALL, false],
    ['npm run start:prod', TO_MAIN, true],
    ['api', TO_MAIN, true],
  ])(
    'finishes the request in progress and leaves no process: %s, %s, as process 1: %s',
    async ([command, stop, isFirst], { skip }) => {
      skip(isFirst && !canBeFirst, 'no namespaces');
      const database = await processes.database();
      await slowDown(database);
      const server = await start(command, production(database), isFirst);
      const port = await portOf(server);
      const client = new HttpClient(port);
      const headers = { 'X-Api-Key': PLATFORM_KEY };
      const path = `/api/v1/organizations/${uuid()}`;
      const underWay = client.send({ method: 'PUT', path, headers, body: { name: 'Riverside' } });
      await vi.waitUntil(() => isSlowedDown(database), PATIENCE);

      await STOPS[stop](server);

      expect(await underWay).toMatchObject({ status: 201 });
      expect(await server.ending).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(server.hasProcesses()).toBe(false);
      expect(await listens(port)).toBe(false);
      client.close();
    },
  );

  it.for<[command: string, stop: Stop, isFirst: boolean]>([
    ['npm run worker', TO_MAIN, false],
    ['worker', TO_MAIN, true],
  ])(
    'stops in order and leaves no process: %s, %s, as process 1: %s',
    async ([command, stop, isFirst], { skip }) => {
      skip(isFirst && !canBeFirst, 'no namespaces');
      const { url } = await processes.database();
      const worker = await start(command, { DATABASE_URL: url, ...SECRETS }, isFirst);
      await worker.printed(/"msg":"working"/);

      await STOPS[stop](worker);

      expect(await worker.ending).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(worker.hasProcesses()).toBe(false);
    },
  );

  it.for<[stop: Stop, isFirst: boolean]>([
    [CTRL_C, false],
    [TO_MAIN, true],
  ])('stops its PostgreSQL too: npm start, %s, as process 1: %s', async ([stop, isFirst], { skip }) => {
    skip(isFirst && !canBeFirst, 'no namespaces');
    const dataDir = await processes.usedFolder();
    const server = await start('npm start', { DATA_DIR: dataDir }, isFirst);
    await server.printed(/^ {2}Build +\d+ s$/m);
    const port = await portOf(server);

    await STOPS[stop](server);

    expect(await server.ending).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(server.hasProcesses()).toBe(false);
    expect(await postgresOf(dataDir)).toBeNull();
    expect(await listens(port)).toBe(false);
  });

  it('stops within seconds after its npm is killed, and frees the port', async () => {
    const server = await start('npm run start:prod', production(await processes.database()));
    const port = await portOf(server);

    process.kill(await server.main(), 'SIGKILL');

    await vi.waitFor(async () => expect(await listens(port)).toBe(false), PATIENCE);
    await vi.waitFor(() => expect(server.hasProcesses()).toBe(false), PATIENCE);
  });
});

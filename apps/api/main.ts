import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { type Config, ConfigurationError, readConfig } from '#config';
import { type EmbeddedDatabase, startEmbedded } from '#embedded-postgres';
import { assertServable, migrateUp } from '#database';
import { MIGRATIONS } from '#migrations';
import { type Api, createApi } from './create-api.js';
import { DEMO_ORGANIZATION, DEMO_PEOPLE } from './demo/people.js';
import { seedDemo } from './demo/seed.js';
import { ServingState } from './operations/serving-state.js';
import { StartSteps } from './start-steps.js';
import {
  type StopReason,
  announceReady,
  closeInTime,
  environment,
  inProcesses,
  run,
  stopRequested,
  urlsOf,
} from '#process';

/** How long the server keeps serving after SIGTERM, so that clients and load balancers can notice the stop. */
const DRAIN_MILLISECONDS = 2000;

run(() => {
  const config = readConfig(environment());
  // All processes must use the same generated development secret, so they inherit it in the environment.
  if ('secret' in config.authentication) process.env['AUTH_JWT_SECRET'] = config.authentication.secret;
  return inProcesses(config, () => serve(config));
});

async function serve(config: Config): Promise<void> {
  // Listens for signals first: one that arrives during the start must not leave a PostgreSQL running.
  const requested = stopRequested();
  const steps = new StartSteps(config.production);
  const embedded = config.database
    ? null
    : await steps.run('PostgreSQL 18', () => startEmbedded(config.dataDir));
  try {
    const api = await start(config, embedded, steps);
    await stop(api, await requested);
  } finally {
    await embedded?.stop();
  }
  process.exit(0);
}

async function start(config: Config, embedded: EmbeddedDatabase | null, steps: StartSteps): Promise<Api> {
  const urls = urlsOf(config, embedded);
  // In production, several processes start at once, and their login need not be allowed to migrate.
  if (!config.production || embedded) {
    await steps.run(
      'Migrations',
      () => migrateUp(urls.migrate, MIGRATIONS),
      (applied) => `${applied.length} applied`,
    );
  }
  await assertServable(urls, MIGRATIONS);

  const api = await steps.run('Server', () => createApi(config, urls));
  if (config.demo) await steps.run('Demo data', () => seedDemo(api.app));
  try {
    await api.app.listen(config.port, config.host);
  } catch (error) {
    await api.app.close();
    throw explainListen(config, error as NodeJS.ErrnoException);
  }
  announce(config, api);
  announceReady();
  return api;
}

function explainListen({ port, host }: Config, error: NodeJS.ErrnoException): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken: stop what listens there, or set PORT to another one.`,
    EACCES: `Port ${port} may not be opened by this user: set PORT to one above 1023.`,
    EADDRNOTAVAIL: `HOST ${host} is not an address of this machine.`,
    EINVAL: `HOST ${host} is not an address of this machine.`,
    ENOTFOUND: `HOST ${host} is not known.`,
    EAI_AGAIN: `HOST ${host} is not known.`,
  };
  const reason = error.code && reasons[error.code];
  return reason ? new ConfigurationError(reason) : error;
}

function announce(config: Config, { app, logger }: Api): void {
  const { port } = app.getHttpServer().address() as { port: number };
  const address = `http://localhost:${port}`;
  logger.info({ address }, 'serving');
  if (config.production) return;
  console.log(`\nTidings is ready.\n\n  Swagger UI   ${address}/docs`);
  if (config.demo && config.authentication.mode === 'dev') {
    const people = Object.values(DEMO_PEOPLE).map(({ username, role }) => `${username} (${role})`);
    console.log(
      `  Sign in      at the top of that page, or: curl ${address}/api/v1/dev/token --json '{"username":"ada"}'`,
    );
    console.log(`  People       ${people.join(', ')} of ${DEMO_ORGANIZATION.name}`);
  }
  if (config.mail && 'folder' in config.mail) console.log(`  Mail         in ${config.mail.folder}`);
  if (config.secrets.isDevelopmentKey) {
    console.log(
      `  Secrets      encrypted with a public key, for development only: set SECRETS_KEY to change it`,
    );
  }
  console.log(`  Data         ${config.database ? 'in the database of DATABASE_URL' : config.dataDir}\n`);
}

async function stop({ app, logger }: Api, reason: StopReason): Promise<void> {
  app.get(ServingState).draining = true;
  logger.info({ reason }, 'stopping');
  if (reason === 'SIGTERM') await delay(DRAIN_MILLISECONDS);
  await closeInTime(app);
}

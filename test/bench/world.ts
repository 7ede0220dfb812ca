import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { Client } from 'pg';
import { startEmbedded } from '#embedded-postgres';
import { personId } from '../support/large.ts';
import { Child } from './child.ts';
import type { Cleanup } from './cleanup.ts';
import type { HttpJob } from './http-loader.ts';
import type { Request } from './http-connection.ts';
import type { Load } from './load.ts';
import type { RawJob } from './raw-loader.ts';
import { ORGANIZATIONS, type Sizes, seed } from './seeding.ts';
import { Server } from './server.ts';

/** On the disk of the project: where temporary files are kept in memory, to write them durably costs nothing. */
const FOLDER = fileURLToPath(new URL('../../.tidings/', import.meta.url));

/** When a notification is committed is what its lag is measured by; durability is as PostgreSQL has it by default. */
const SETTINGS = ['track_commit_timestamp=on'];

const SECRET = randomBytes(32).toString('base64url');
const PLATFORM_KEY = randomBytes(32).toString('base64url');

/** PostgreSQL with what was seeded, a server on it, and who drives both. */
export interface World {
  database: Client;
  databaseUrl: string;
  postgresPid: number;
  server: Server;
  http: Child<HttpJob, Load>;
  raw: Child<RawJob, Load>;
}

export const environmentOf = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  NODE_ENV: 'development',
  AUTH_JWT_SECRET: SECRET,
  PLATFORM_API_KEY: PLATFORM_KEY,
  RATE_LIMIT: 'off',
  LOG_LEVEL: 'warn',
});

export async function createWorld(
  cleanup: Cleanup,
  sizes: Sizes,
  say: (text: string) => void,
): Promise<World> {
  await mkdir(FOLDER, { recursive: true });
  const folder = await mkdtemp(join(FOLDER, 'bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  // Added before it has started: Ctrl-C may come in the middle of that.
  const starting = startEmbedded(folder, SETTINGS);
  cleanup.add(async () => (await starting).stop());
  const postgres = await starting;
  const [postgresPid] = (await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
  const database = new Client({ connectionString: postgres.url, options: '-c search_path=tidings' });
  // The first one migrates.
  const first = await startServer(cleanup, postgres.url);
  for (const [name, id] of Object.entries(ORGANIZATIONS)) {
    await first.send({ ...asPlatform(), method: 'PUT', path: `/api/v1/organizations/${id}`, body: { name } });
  }
  await first.stop();
  await database.connect();
  cleanup.add(() => database.end());
  const begun = performance.now();
  await seed({ query: async (sql, values) => (await database.query(sql, values)).rows }, sizes);
  say(`Seeded ${sizes.large.messages} messages in ${Math.round((performance.now() - begun) / 1000)} s.`);
  const http = new Child<HttpJob, Load>('./http-loader.ts');
  cleanup.add(() => http.stop());
  const raw = new Child<RawJob, Load>('./raw-loader.ts');
  cleanup.add(() => raw.stop());
  const server = await startServer(cleanup, postgres.url);
  return { database, databaseUrl: postgres.url, postgresPid: Number(postgresPid), server, http, raw };
}

export async function startServer(
  cleanup: Cleanup,
  databaseUrl: string,
  preload?: string,
  environment: Record<string, string> = {},
): Promise<Server> {
  const server = new Server({ ...environmentOf(databaseUrl), ...environment }, preload);
  cleanup.add(() => server.stop());
  return server.ready();
}

/** Until all events are handled: what a row leaves to do must not be done in the next one. */
export async function settle({ database }: Pick<World, 'database'>): Promise<void> {
  const isEmpty = async () => (await database.query('SELECT FROM outbox LIMIT 1')).rows.length === 0;
  while (!(await isEmpty())) await delay(20);
}

const tokens = new Map<string, Promise<string>>();

/** The headers of somebody of an organization, by number. */
export async function asPerson(organizationId: string, number: number): Promise<Pick<Request, 'headers'>> {
  const sub = personId(number);
  const key = `${organizationId} ${sub}`;
  const token =
    tokens.get(key) ??
    new SignJWT({ org: organizationId })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(sub)
      .setIssuedAt()
      .setExpirationTime('1 day')
      .sign(new TextEncoder().encode(SECRET));
  tokens.set(key, token);
  return { headers: { Authorization: `Bearer ${await token}` } };
}

export const asPlatform = (organizationId?: string): Pick<Request, 'headers'> => ({
  headers: { 'X-Api-Key': PLATFORM_KEY, ...(organizationId && { 'X-Organization-Id': organizationId }) },
});

export const secretOfTokens = SECRET;

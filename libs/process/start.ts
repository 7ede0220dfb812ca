import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { ConfigurationError, type DatabaseConfig } from '#config';
import { Problem } from '#problem';
import { DatabaseError, type DatabaseUrls, assertServable, migrateUp } from '#database';
import { type EmbeddedDatabase, joinEmbedded } from '#embedded-postgres';
import { MIGRATIONS } from '#migrations';

export const urlsOf = (config: DatabaseConfig, embedded: EmbeddedDatabase | null): DatabaseUrls =>
  config.database ?? { request: embedded!.url, relay: embedded!.url, migrate: embedded!.url };

/** The environment of the process, completed from .env. */
export function environment(): NodeJS.ProcessEnv {
  if (existsSync('.env')) loadEnvFile('.env');
  return process.env;
}

/** Runs a program, and ends it with one sentence if the cause of a failure is known. */
export function run(program: () => Promise<void>): void {
  assertNode()
    .then(program)
    .catch((error: unknown) => {
      const known = [ConfigurationError, DatabaseError, Problem].some((kind) => error instanceof kind);
      console.error(known ? (error as Error).message : error);
      process.exit(1);
    });
}

/** Runs a command in the database: in DATABASE_URL, or in the embedded one, running or not. */
export async function onDatabase(
  config: DatabaseConfig,
  work: (urls: DatabaseUrls) => Promise<void>,
): Promise<void> {
  const embedded = config.database ? null : await joinEmbedded(config.dataDir);
  try {
    const urls = urlsOf(config, embedded);
    if (embedded) await migrateUp(urls.migrate, MIGRATIONS);
    await assertServable(urls, MIGRATIONS);
    await work(urls);
  } finally {
    await embedded?.stop();
  }
}

/**
 * The version that the tests run on. Scripts of npm find it by themselves; a command that is typed may find an older
 * one.
 */
const OLDEST_NODE = 24;

async function assertNode(): Promise<void> {
  const { version } = process;
  if (Number.parseInt(version.slice(1)) >= OLDEST_NODE) return;
  throw new ConfigurationError(
    `Tidings needs Node ${OLDEST_NODE} or later, and this is ${version}: start it with npm, or with node_modules/.bin/node.`,
  );
}

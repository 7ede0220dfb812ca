import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { type Config, ConfigurationError, readConfig } from '#config';
import { Problem } from '#problem';
import { DatabaseError, type DatabaseUrls, type EmbeddedDatabase } from '#database';

export const urlsOf = (config: Config, embedded: EmbeddedDatabase | null): DatabaseUrls =>
  config.database ?? { request: embedded!.url, relay: embedded!.url, migrate: embedded!.url };

/** The configuration of a process: its environment, over what .env says. */
export function processConfig(): Config {
  if (existsSync('.env')) loadEnvFile('.env');
  return readConfig(process.env);
}

/** Runs a program, and ends it with one sentence where it is known what is wrong. */
export function run(program: () => Promise<void>): void {
  program().catch((error: unknown) => {
    const known = [ConfigurationError, DatabaseError, Problem].some((kind) => error instanceof kind);
    console.error(known ? (error as Error).message : error);
    process.exit(1);
  });
}

/** The first signal stops in order, a second one at once. */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isSecond = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isSecond) process.exit(1);
        isSecond = true;
        resolve(signal);
      });
    }
  });
}

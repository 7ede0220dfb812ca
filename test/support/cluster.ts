import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrateUp } from '#database';
import { startEmbedded } from '#embedded-postgres';
import { MIGRATIONS } from '#migrations';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run, with the database "template" migrated once. */
    postgresUrl: string;
  }
}

/** What a test writes need not outlive the machine. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];

export default (project: TestProject): Promise<() => Promise<void>> => provideCluster(project, FAST);

/** One PostgreSQL a run: the embedded one with these settings, or that of TEST_DATABASE_URL. */
export async function provideCluster(project: TestProject, settings: string[]): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-test-'));
  const given = process.env['TEST_DATABASE_URL'];
  const server = given
    ? { url: given, stop: () => Promise.resolve() }
    : await startEmbedded(directory, settings);

  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  await admin.query('DROP DATABASE IF EXISTS tidings_template');
  await admin.query('CREATE DATABASE tidings_template');
  await admin.end();
  await migrateUp(databaseUrl(server.url, 'tidings_template'), MIGRATIONS);

  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { inject } from 'vitest';
import { databaseUrl } from './cluster.js';

/** What a transaction is begun with; see beginFor() in libs/database/tenant.ts. */
export interface Asker {
  organizationId?: string;
  userId?: string;
  scope?: 'organization' | 'platform';
}

export interface TestDatabase {
  url: string;
  /** As the superuser, past row-level security: to look at what is really there. */
  query<Row extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** As the role that requests run as, in a transaction for this tenant that is rolled back. */
  asRequestRole<T>(
    tenant: Asker,
    work: (
      query: <Row extends object = Record<string, unknown>>(
        sql: string,
        values?: unknown[],
      ) => Promise<Row[]>,
    ) => Promise<T>,
  ): Promise<T>;
  drop(): Promise<void>;
}

/** A database of its own, cloned from the template: nothing that another file does is seen in it. */
export async function createDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, `CREATE DATABASE ${name}${migrated ? ' TEMPLATE tidings_template' : ''}`);
  const url = databaseUrl(serverUrl, name);
  const client = new Client({
    connectionString: url,
    application_name: 'test',
    pipeline: true,
    options: '-c search_path=tidings',
  });
  await client.connect();

  const query = async <Row extends object>(sql: string, values?: unknown[]) =>
    (await client.query<Row>(sql, values)).rows;
  return {
    url,
    query,
    asRequestRole: async (tenant, work) => {
      await client.query('BEGIN; SET LOCAL ROLE tidings_request');
      try {
        if (tenant.organizationId) await setLocal(client, 'tidings.organization_id', tenant.organizationId);
        if (tenant.userId) await setLocal(client, 'tidings.user_id', tenant.userId);
        if (tenant.scope) await setLocal(client, 'tidings.scope', tenant.scope);
        return await work(query);
      } finally {
        await client.query('ROLLBACK');
      }
    },
    drop: async () => {
      const left = await connectionsLeft(query);
      await client.end();
      await onServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
      if (left.length > 0) throw new Error(`Connections were left open: ${JSON.stringify(left)}`);
    },
  };
}

/** A backend takes a moment to notice that its client is gone; what is still there after that was leaked. */
async function connectionsLeft(query: TestDatabase['query']): Promise<object[]> {
  for (const end = Date.now() + 3000; ; await delay(20)) {
    const left = await query(
      `SELECT application_name, state FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
    if (left.length === 0 || Date.now() > end) return left;
  }
}

const setLocal = (client: Client, name: string, value: string) =>
  client.query('SELECT set_config($1, $2, true)', [name, value]);

/** By a session of its own: what the last of these statements gives. */
export async function onServer(
  serverUrl: string,
  ...statements: string[]
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: serverUrl });
  // A server that is on its way down ends it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

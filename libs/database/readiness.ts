import { Client } from 'pg';
import {
  type DatabaseRole,
  type MigrationClass,
  RELAY_ROLE,
  REQUEST_ROLE,
  SCHEMA,
  sessionOptions,
} from './connection.js';
import { DatabaseError, describeConnectionError } from './database-error.js';
import type { DatabaseUrls } from './urls.js';

const OLDEST_SERVER = 150000;

/** Checks once, before anything is served, that the database can be used. */
export async function assertServable(
  { request, relay }: DatabaseUrls,
  migrations: readonly MigrationClass[],
): Promise<void> {
  const client = await connectAs(REQUEST_ROLE, request, 'DATABASE_URL');
  try {
    await assertServer(client);
    await assertMigrated(client, migrations);
    await assertHarmlessRole(client);
    await assertForcedRowSecurity(client);
  } finally {
    await client.end();
  }
  const relayClient = await connectAs(
    RELAY_ROLE,
    relay,
    relay === request ? 'DATABASE_URL' : 'DATABASE_RELAY_URL',
  );
  try {
    await assertHarmlessRole(relayClient);
  } finally {
    await relayClient.end();
  }
}

async function connectAs(role: DatabaseRole, url: string, variable: string): Promise<Client> {
  const client = new Client({ connectionString: url, options: sessionOptions(role) });
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    const { message } = error as Error;
    if (!message.includes(role)) throw describeConnectionError(error, url, variable);
    const user = client.escapeIdentifier(client.user ?? '');
    throw new DatabaseError(
      `The user of ${variable} cannot act as ${role} (${message}): run "npm run migrate", and for a separate login GRANT ${role} TO ${user}.`,
    );
  });
  return client;
}

async function assertServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num');
  const version = Number(rows[0]?.server_version_num);
  if (version < OLDEST_SERVER) {
    throw new DatabaseError(`Tidings needs PostgreSQL 15 or later; this is ${Math.floor(version / 10000)}.`);
  }
}

async function assertMigrated(client: Client, migrations: readonly MigrationClass[]): Promise<void> {
  const present = await client.query<{ present: boolean }>(
    `SELECT to_regclass('migrations') IS NOT NULL AS present`,
  );
  const applied = present.rows[0]?.present
    ? (await client.query<{ name: string }>('SELECT name FROM migrations')).rows.map(({ name }) => name)
    : [];
  const missing = migrations.find(({ name }) => !applied.includes(name));
  if (missing)
    throw new DatabaseError(`The database lacks the migration ${missing.name}: run "npm run migrate".`);
  const unknown = applied.find((name) => !migrations.some((migration) => migration.name === name));
  if (unknown) {
    throw new DatabaseError(
      `The database has the migration ${unknown}, which this version of Tidings does not know: run the version that created it, or a newer one.`,
    );
  }
}

/** Row-level security only holds for a role that neither owns tables nor may bypass it. */
async function assertHarmlessRole(client: Client): Promise<void> {
  const { rows } = await client.query<{ role: string; harmless: boolean }>(
    `SELECT rolname AS role,
            NOT (rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)) AS harmless
     FROM pg_roles WHERE rolname = current_user`,
  );
  if (!rows[0]?.harmless) {
    throw new DatabaseError(
      `Tidings would run as ${rows[0]?.role}, which owns tables or can bypass row-level security: revoke that.`,
    );
  }
}

/**
 * Row-level security must be forced, because functions of the owner access these tables for requests. The table of
 * migrations is exempt: it belongs to no organization.
 */
async function assertForcedRowSecurity(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') AND relname <> 'migrations'
       AND NOT (relrowsecurity AND relforcerowsecurity) AND has_any_column_privilege(oid, 'SELECT, INSERT, UPDATE')
     ORDER BY relname LIMIT 1`,
    [SCHEMA],
  );
  if (rows[0]) {
    throw new DatabaseError(
      `Row-level security is not enabled and forced on ${SCHEMA}.${rows[0].name}: run ALTER TABLE ${SCHEMA}.${rows[0].name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY.`,
    );
  }
}

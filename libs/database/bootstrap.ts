import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { DatabaseError, describeConnectionError } from './database-error.js';
import { OWNER_ROLE, RELAY_ROLE, REQUEST_ROLE, SCHEMA } from './connection.js';
import { UNIQUE_VIOLATION, sqlStateOf } from './sql-state.js';

/** The setting with the URL of the login that migrates. */
export const MIGRATE_URL = 'DATABASE_URL, or DATABASE_MIGRATE_URL if that is set';

const ROLES = [OWNER_ROLE, REQUEST_ROLE, RELAY_ROLE];

const LOCK_POLL_MILLISECONDS = 100;

const INSUFFICIENT_PRIVILEGE = '42501';
const DUPLICATE_OBJECT = '42710';

/**
 * Creates roles and schema if they are missing, and does the work while no other process migrates this database.
 * Roles belong to the whole server, so processes of two databases of one server may race for them.
 */
export async function withPreparedDatabase<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'tidings migrate' });
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw describeConnectionError(error, url, MIGRATE_URL);
  });
  try {
    await lockMigrations(client);
    await createRolesAndSchema(client);
    await dropJobs(client);
    return await work();
  } finally {
    await client.end();
  }
}

/**
 * Polls instead of waiting inside PostgreSQL: CREATE INDEX CONCURRENTLY waits for every earlier statement, so it
 * would wait for ever for a session that waits for this lock.
 */
async function lockMigrations(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_lock(hashtext('tidings migrations')) AS locked`,
    );
    if (rows[0]?.locked) return;
    await delay(LOCK_POLL_MILLISECONDS);
  }
}

async function createRolesAndSchema(client: Client): Promise<void> {
  try {
    for (const role of ROLES) await createRole(client, role);
    await client.query(`
      DO $$ BEGIN
        IF to_regnamespace('${SCHEMA}') IS NULL THEN CREATE SCHEMA ${SCHEMA} AUTHORIZATION ${OWNER_ROLE}; END IF;
      END $$`);
    await client.query(
      `SET ROLE ${OWNER_ROLE}; GRANT USAGE ON SCHEMA ${SCHEMA} TO ${REQUEST_ROLE}, ${RELAY_ROLE}; RESET ROLE`,
    );
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new DatabaseError(
      `The database user ${client.user} may not create what Tidings needs (${(error as Error).message}): give it CREATEROLE and CREATE on the database, or set DATABASE_MIGRATE_URL to one that has them.`,
    );
  }
}

/**
 * Earlier versions kept jobs of pg-boss in a schema of their own. It is dropped once no process of such a version
 * runs, so that a rolling upgrade does not take it from processes that still need it.
 */
async function dropJobs(client: Client): Promise<void> {
  await client.query(`
    SET ROLE ${OWNER_ROLE};
    DO $$ BEGIN
      IF to_regnamespace('tidings_jobs') IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tidings jobs'
      ) THEN DROP SCHEMA tidings_jobs CASCADE; END IF;
    END $$;
    RESET ROLE`);
}

async function createRole(client: Client, role: string): Promise<void> {
  await client
    .query(
      `DO $$ BEGIN
         IF to_regrole('${role}') IS NULL THEN CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF;
       END $$`,
    )
    .catch((error: unknown) => {
      if (![DUPLICATE_OBJECT, UNIQUE_VIOLATION].includes(sqlStateOf(error) ?? '')) throw error;
    });
  // From PostgreSQL 16 on, the creator of a role is a member that may grant it, but may not SET ROLE to it.
  const { rows } = await client.query<{ settable: boolean }>(
    `SELECT pg_has_role(current_user, '${role}',
       CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) AS settable`,
  );
  if (rows[0]?.settable) return;
  await client.query(`GRANT ${role} TO CURRENT_USER`).catch((error: unknown) => {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new DatabaseError(
      `The database user ${client.user} may not act as ${role}, which another user created: that user or a superuser must run GRANT ${ROLES.join(', ')} TO ${client.escapeIdentifier(client.user ?? '')}.`,
    );
  });
}

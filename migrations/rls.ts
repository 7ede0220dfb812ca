import type { QueryRunner } from 'typeorm';

/**
 * The tables that hold no organization's data of their own. Everything else must go through tenantTable; the
 * catalogue test compares.
 */
export const NOT_TENANT_TABLES = ['migrations', 'users'];

/**
 * Row-level security for one table: on, also for its owner, with rows of the current organization only. The
 * sub-select makes PostgreSQL ask for the organization once a statement rather than once a row.
 */
export async function tenantTable(
  runner: QueryRunner,
  table: string,
  { grant, column = 'organization_id' }: { grant: string; column?: string },
): Promise<void> {
  await forceRowSecurity(runner, table);
  await runner.query(`
    CREATE POLICY tenant ON ${table} TO tidings_request
      USING (${column} = (SELECT app_organization()))
      WITH CHECK (${column} = (SELECT app_organization()))`);
  await runner.query(`GRANT ${grant} ON ${table} TO tidings_request`);
}

/**
 * Narrows a tenant table further, for participants say: restrictive, so that it holds beside the tenant's policy
 * and not instead of it.
 */
export async function alsoRequire(
  runner: QueryRunner,
  table: string,
  policy: string,
  condition: string,
): Promise<void> {
  await runner.query(`
    CREATE POLICY ${policy} ON ${table} AS RESTRICTIVE TO tidings_request
      USING (${condition}) WITH CHECK (${condition})`);
}

/** Lets the relay see this table for all organizations: a queue, never data of the domain. */
export async function relayTable(runner: QueryRunner, table: string, grant: string): Promise<void> {
  await runner.query(`CREATE POLICY relay ON ${table} TO tidings_relay USING (true)`);
  await runner.query(`GRANT ${grant} ON ${table} TO tidings_relay`);
}

export async function forceRowSecurity(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
}

import type { QueryRunner } from 'typeorm';

/**
 * The tables that hold no organization's data of their own. Everything else must go through tenantTable; the
 * catalogue test compares.
 */
export const NOT_TENANT_TABLES = ['migrations', 'user_preferences', 'users'];

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

/** Stands in for a person where the organization as a whole is at work: oversight, and what follows from events. */
const WHOLE_ORGANIZATION = '00000000-0000-0000-0000-000000000000';
const IS_WHOLE_ORGANIZATION = `(SELECT app_user()) = '${WHOLE_ORGANIZATION}'`;

/** True for the person whom the row is about, and for the organization as a whole. */
export const isOwn = (column: string): string => orWholeOrganization(`${column} = (SELECT app_user())`);

export const orWholeOrganization = (condition: string): string =>
  `(${IS_WHOLE_ORGANIZATION} OR ${condition})`;

/**
 * Narrows a tenant table further, for participants say: restrictive, so that it holds beside the tenant's policy
 * and not instead of it.
 */
export async function alsoRequire(
  runner: QueryRunner,
  table: string,
  policy: string,
  condition: string,
  command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' = 'ALL',
): Promise<void> {
  const using = command === 'INSERT' ? '' : `USING (${condition})`;
  const check = command === 'SELECT' ? '' : `WITH CHECK (${condition})`;
  await runner.query(
    `CREATE POLICY ${policy} ON ${table} AS RESTRICTIVE FOR ${command} TO tidings_request ${using} ${check}`,
  );
}

/**
 * Row-level security for a table of what belongs to a person and to no organization: theirs alone to read and
 * write. An organization at work reads it of its members, and never writes.
 */
export async function personTable(runner: QueryRunner, table: string, grant: string): Promise<void> {
  await forceRowSecurity(runner, table);
  await runner.query(`
    CREATE POLICY own ON ${table} TO tidings_request
      USING (user_id = (SELECT app_user()))
      WITH CHECK (user_id = (SELECT app_user()))`);
  await runner.query(`
    CREATE POLICY of_members ON ${table} FOR SELECT TO tidings_request
      USING (${IS_WHOLE_ORGANIZATION} AND EXISTS (
        SELECT FROM members WHERE members.organization_id = (SELECT app_organization())
          AND members.user_id = ${table}.user_id AND members.removed_at IS NULL))`);
  await runner.query(`GRANT ${grant} ON ${table} TO tidings_request`);
}

/**
 * A function that answers one narrow question past the policies of its table. It runs as the owner, for whom
 * row-level security is forced too, so the table gets a policy for it: still this organization's rows only. Its
 * body is parsed when it is made, so no search_path of a caller can turn it to other tables.
 */
export async function definerFunction(
  runner: QueryRunner,
  table: string,
  signature: string,
  query: string,
): Promise<void> {
  await runner.query(`
    CREATE POLICY asked_by_function ON ${table} FOR SELECT TO tidings_owner
      USING (organization_id = app_organization())`);
  await runner.query(`
    CREATE FUNCTION ${signature} LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC ${query}; END`);
  const name = signature.slice(0, signature.indexOf(')') + 1);
  await runner.query(`REVOKE ALL ON FUNCTION ${name} FROM PUBLIC`);
  await runner.query(`GRANT EXECUTE ON FUNCTION ${name} TO tidings_request`);
}

/** Lets the relay see this table for all organizations: a queue, never data of the domain. */
export async function relayTable(runner: QueryRunner, table: string, grant: string): Promise<void> {
  await runner.query(`CREATE POLICY relay ON ${table} TO tidings_relay USING (true)`);
  await runner.query(`GRANT ${grant} ON ${table} TO tidings_relay`);
}

export async function forceRowSecurity(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
}

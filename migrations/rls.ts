import type { QueryRunner } from 'typeorm';

/**
 * The tables that hold no organization's data of their own. Everything else must go through tenantTable; the
 * catalogue test compares.
 */
export const NOT_TENANT_TABLES = ['migrations', 'user_deletions', 'user_preferences', 'users'];

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
 * True in an organizationTransaction, which works for the organization as a whole: oversight, and what follows from
 * events. A setting of its own says so, so that no id of a person means more than that person.
 */
export const IS_WIDE = 'app_organization_wide()';

/** The same, evaluated once a statement. */
export const IS_WIDE_ONCE = `(SELECT ${IS_WIDE})`;

/** True for the person whom the row is about, and for the organization as a whole. */
export const isOwn = (column: string): string => isAbout([column], 'false');

export const orWholeOrganization = (condition: string): string =>
  `CASE WHEN ${IS_WIDE_ONCE} THEN true ELSE ${condition} END`;

/**
 * True for the people whom the row is about, for the organization as a whole, and under one more condition. A CASE
 * needs one sub-select for all that it compares with; and the planner expects half of the rows to pass it, where
 * of the same with OR it would expect hardly any, and plan for that.
 */
export const isAbout = (columns: string[], orElse: string): string => {
  const persons = columns.map((person) => `WHEN ${person} THEN true`);
  return orWholeOrganization(`CASE (SELECT app_user()) ${persons.join(' ')} ELSE ${orElse} END`);
};

/**
 * Shows a table to those alone for whom the condition holds. Whoever may see a row may change it, but never what
 * the condition looks at: so where the old row passed, the new one need not be asked again.
 */
export async function showOnlyTo(
  runner: QueryRunner,
  table: string,
  condition: string,
  changeable: string,
): Promise<void> {
  for (const [policy, command] of [
    ['participation', 'SELECT'],
    ['participation_changed', 'UPDATE'],
  ]) {
    const check = command === 'UPDATE' ? 'WITH CHECK (true)' : '';
    await runner.query(
      `CREATE POLICY ${policy} ON ${table} AS RESTRICTIVE FOR ${command} TO tidings_request
         USING (${condition}) ${check}`,
    );
  }
  await runner.query(`GRANT UPDATE (${changeable}) ON ${table} TO tidings_request`);
}

/**
 * That the person takes part in a thread. OFFSET 0 has it looked up for each row: without it the planner may
 * prefer to read all threads that the person is in, once a statement.
 */
export const ownPart = (condition: string): string => `EXISTS (
  SELECT FROM participants
  WHERE ${condition} AND participants.user_id = (SELECT app_user())
  OFFSET 0)`;

/**
 * Narrows a tenant table further, for participants say: restrictive, so that it holds beside the tenant's policy
 * and not instead of it.
 */
export async function alsoRequire(
  runner: QueryRunner,
  table: string,
  policy: string,
  condition: string,
  command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' = 'ALL',
): Promise<void> {
  const using = command === 'INSERT' ? '' : `USING (${condition})`;
  const check = command === 'SELECT' || command === 'DELETE' ? '' : `WITH CHECK (${condition})`;
  await runner.query(
    `CREATE POLICY ${policy} ON ${table} AS RESTRICTIVE FOR ${command} TO tidings_request ${using} ${check}`,
  );
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

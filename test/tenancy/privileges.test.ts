import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => database.drop());

describe('the privileges in the database', () => {
  it('do not let the roles of Tidings bypass row-level security, own tables or join other roles', async () => {
    const roles = await database.query(
      `SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin,
              EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid) AS owns
       FROM pg_roles WHERE rolname IN ('tidings_request', 'tidings_relay') ORDER BY 1`,
    );
    const nothing = {
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolcanlogin: false,
      owns: false,
    };
    expect(roles).toEqual([
      { rolname: 'tidings_relay', ...nothing },
      { rolname: 'tidings_request', ...nothing },
    ]);

    const memberships = await database.query(
      `SELECT roleid::regrole FROM pg_auth_members WHERE member IN ('tidings_request'::regrole, 'tidings_relay'::regrole)`,
    );
    expect(memberships).toEqual([]);
  });

  it('do not include TRUNCATE, REFERENCES or TRIGGER, grant PUBLIC nothing, and show the relay only queues', async () => {
    const grants = await database.query<{ grantee: string; table_name: string; privilege_type: string }>(
      `SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges
       WHERE table_schema = 'tidings' AND grantee NOT IN ('tidings_owner', 'postgres')`,
    );
    expect(
      grants.filter(({ privilege_type }) => ['TRUNCATE', 'REFERENCES', 'TRIGGER'].includes(privilege_type)),
    ).toEqual([]);
    expect(grants.filter(({ grantee }) => grantee === 'PUBLIC')).toEqual([]);
    const relayTables = new Set(
      grants.filter(({ grantee }) => grantee === 'tidings_relay').map(({ table_name }) => table_name),
    );
    expect([...relayTables].toSorted()).toEqual(['dead_letters', 'idempotency_keys', 'outbox']);
    const columns = await database.query(
      `SELECT table_name, privilege_type, array_agg(column_name::text ORDER BY column_name) AS columns
       FROM information_schema.column_privileges
       WHERE table_schema = 'tidings' AND grantee = 'tidings_relay' AND table_name <> ALL ($1)
       GROUP BY 1, 2 ORDER BY 1, 2`,
      [[...relayTables]],
    );
    // Of a delivery what makes it a queue: who, where to and when, and nothing of what it says.
    const queue = ['attempts', 'channel', 'digest', 'due_at', 'id', 'leased_until', 'organization_id'];
    // To clear out in each organization, as one that works for it, the worker must know which there are.
    expect(columns).toEqual([
      {
        table_name: 'deliveries',
        privilege_type: 'SELECT',
        columns: [...queue, 'status', 'target_id', 'urgent', 'user_id'],
      },
      { table_name: 'deliveries', privilege_type: 'UPDATE', columns: ['attempts', 'leased_until'] },
      { table_name: 'organizations', privilege_type: 'SELECT', columns: ['id'] },
    ]);
  });

  it('include no view with more rights than its caller, and only the listed SECURITY DEFINER functions', async () => {
    const views = await database.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'tidings'::regnamespace AND relkind IN ('v', 'm')
       AND NOT coalesce(reloptions @> '{security_invoker=true}', false)`,
    );
    const functions = await database.query(
      `SELECT proname, proowner::regrole::text AS owner, prosqlbody IS NOT NULL AS bound,
              has_function_privilege('tidings_relay', oid, 'EXECUTE') AS for_all
       FROM pg_proc WHERE pronamespace = 'tidings'::regnamespace
         AND (prosecdef OR provolatile = 'v' AND prorettype <> 'trigger'::regtype) ORDER BY 1`,
    );
    // Each answers about whoever asks, in their organization; its body was bound when it was made.
    const listed = { owner: 'tidings_owner', bound: true, for_all: false };
    // Triggers, which no request can call, and what they call: with a search_path of their own.
    const triggered = { ...listed, bound: false };
    expect({ views, functions }).toEqual({
      views: [],
      functions: [
        { proname: 'app_admits', ...listed },
        { proname: 'app_blockers', ...listed },
        { proname: 'app_count_erased', ...listed },
        { proname: 'app_erase_hidden_messages', ...listed },
        { proname: 'app_erase_idempotency_keys', ...listed },
        { proname: 'app_erase_member', ...listed },
        { proname: 'app_erase_read_marks', ...listed },
        { proname: 'app_erase_sender', ...listed },
        { proname: 'app_groups', ...listed },
        { proname: 'app_is_being_deleted', ...listed },
        { proname: 'app_is_leaving', ...listed },
        { proname: 'app_leave_groups', ...listed },
        { proname: 'app_leave_threads', ...listed },
        { proname: 'app_lock_platform_key', ...listed },
        { proname: 'app_organizations_of', ...listed },
        { proname: 'app_person_at_group_limit', ...listed },
        { proname: 'app_platform_key_is_live', ...listed },
        // For housekeeping: it empties a partition whose rows are no longer valid.
        { proname: 'empty_change_slot', ...triggered, for_all: true },
        { proname: 'end_presence', ...triggered },
        { proname: 'forget_presence', ...triggered },
        { proname: 'keep_presence_at_block', ...triggered },
        { proname: 'keep_subject', ...triggered },
        { proname: 'leave_groups', ...triggered },
        { proname: 'leave_groups_on_removal', ...triggered },
        // It renews the leases of one process, in all organizations, and returns only how many.
        { proname: 'renew_presence', ...listed, for_all: true },
      ],
    });
  });
});

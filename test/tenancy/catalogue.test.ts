import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOT_TENANT_TABLES } from '../../migrations/rls.js';
import { type TestDatabase, createDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => database.drop());

const tenantTables = async () =>
  (
    await database.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'tidings'::regnamespace AND relkind IN ('r', 'p')
       AND relname <> ALL ($1) ORDER BY 1`,
      [NOT_TENANT_TABLES],
    )
  ).map(({ name }) => name);

describe('the catalogue of the database', () => {
  it('has the tables that are expected, so that none escapes these tests', async () => {
    expect(await tenantTables()).toEqual([
      'act_as_reads',
      'api_keys',
      'audit_entries',
      'blocks',
      'dead_letters',
      'deliveries',
      'feeds',
      'hidden_messages',
      'idempotency_keys',
      'member_preferences',
      'member_words',
      'members',
      'message_versions',
      'messages',
      'messaging_rules',
      'messaging_settings',
      'notification_requests',
      'notification_types',
      'notifications',
      'organization_keys',
      'organization_preferences',
      'organizations',
      'outbox',
      'participants',
      'push_subscriptions',
      'read_marks',
      'roles',
      'thread_subjects',
      'threads',
      'unread_counts',
      'webhook_endpoints',
    ]);
  });

  it('has row-level security enabled and forced on every table but the list of migrations', async () => {
    const open = await database.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'tidings'::regnamespace AND relkind IN ('r', 'p')
       AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> 'migrations'`,
    );
    expect(open).toEqual([]);
  });

  it('has on every tenant table one policy for requests, which compares with the organization once a statement', async () => {
    for (const table of await tenantTables()) {
      const column = table === 'organizations' ? 'id' : 'organization_id';
      const compares = `(${column} = ( SELECT app_organization() AS app_organization))`;
      const policies = await database.query(
        `SELECT policyname, permissive, roles, cmd, qual, with_check FROM pg_policies
         WHERE schemaname = 'tidings' AND tablename = $1 AND 'tidings_request' = ANY (roles) AND permissive = 'PERMISSIVE'`,
        [table],
      );
      expect({
        table,
        policies: policies.map((policy) => ({
          ...policy,
          qual: unqualified(policy['qual']),
          with_check: unqualified(policy['with_check']),
        })),
      }).toEqual({
        table,
        policies: [
          {
            policyname: 'tenant',
            permissive: 'PERMISSIVE',
            roles: '{tidings_request}',
            cmd: 'ALL',
            qual: compares,
            with_check: compares,
          },
        ],
      });
    }
  });

  it('lets nobody past the person to what belongs to a person, but an organization at work, to read', async () => {
    expect(NOT_TENANT_TABLES).toEqual(['migrations', 'user_deletions', 'user_preferences', 'users']);
    const policies = await database.query<{ qual: string; with_check: string }>(
      `SELECT policyname, permissive, roles, cmd, qual, with_check FROM pg_policies
       WHERE schemaname = 'tidings' AND tablename = 'user_preferences' ORDER BY 1`,
    );
    const own = '(user_id = ( SELECT app_user() AS app_user))';
    const ofMembers = expect.stringMatching(
      /^\(\( SELECT app_organization_wide\(\) AS app_organization_wide\) AND \(EXISTS .*members/s,
    ) as string;
    const forRequests = { permissive: 'PERMISSIVE', roles: '{tidings_request}' };
    expect(
      policies.map((policy) => ({
        ...policy,
        qual: unqualified(policy.qual),
        with_check: unqualified(policy.with_check),
      })),
    ).toEqual([
      { policyname: 'of_members', ...forRequests, cmd: 'SELECT', qual: ofMembers, with_check: 'null' },
      { policyname: 'own', ...forRequests, cmd: 'ALL', qual: own, with_check: own },
    ]);
    const grants = await database.query(
      `SELECT grantee, privilege_type FROM information_schema.table_privileges
       WHERE table_name = 'user_preferences' AND grantee NOT IN ('tidings_owner', 'postgres') ORDER BY 2`,
    );
    expect(grants).toEqual(
      ['INSERT', 'SELECT', 'UPDATE'].map((privilege_type) => ({
        grantee: 'tidings_request',
        privilege_type,
      })),
    );
  });

  it('gives no id of a person a meaning: the nil UUID stands for the platform, and in counts for nobody', async () => {
    const named = await database.query<{ name: string }>(
      `SELECT tablename || '.' || policyname AS name FROM pg_policies
       WHERE schemaname = 'tidings' AND concat(qual, with_check) LIKE $1
       UNION ALL SELECT proname FROM pg_proc
       WHERE pronamespace = 'tidings'::regnamespace AND pg_get_functiondef(oid) LIKE $1 ORDER BY 1`,
      ['%00000000-0000-0000-0000-000000000000%'],
    );
    expect(named.map(({ name }) => name)).toEqual([
      'api_keys.platform_keys_select',
      'api_keys.platform_keys_update',
      'app_is_platform',
      'app_lock_platform_key',
      'app_platform_key_is_live',
      'count_unread_on_delete',
      'count_unread_on_insert',
      'count_unread_on_update',
    ]);
  });

  it('has organization_id first in every primary key, unique key and foreign key between tenant tables', async () => {
    const keys = await database.query<{ name: string; first: string; table: string }>(
      `SELECT index.relname AS name, attribute.attname AS first, relation.relname AS table
       FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid JOIN pg_class AS relation ON relation.oid = indrelid
       JOIN pg_attribute AS attribute ON attribute.attrelid = indrelid AND attribute.attnum = indkey[0]
       WHERE relation.relnamespace = 'tidings'::regnamespace AND indisunique AND relation.relname <> ALL ($1)`,
      [[...NOT_TENANT_TABLES, 'organizations']],
    );
    expect(keys.filter(({ first }) => first !== 'organization_id')).toEqual([]);

    const foreignKeys = await database.query<{ name: string; columns: string[] }>(
      `SELECT conname AS name, array(SELECT attname FROM unnest(conkey) AS number
              JOIN pg_attribute ON attrelid = conrelid AND attnum = number)::text[] AS columns
       FROM pg_constraint WHERE contype = 'f' AND connamespace = 'tidings'::regnamespace
       AND confrelid <> 'tidings.users'::regclass`,
    );
    expect(foreignKeys.filter(({ columns }) => columns[0] !== 'organization_id')).toEqual([]);
  });

  it('gives the roles that Tidings runs as nothing that gets past it', async () => {
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

  it('grants nobody TRUNCATE, REFERENCES or TRIGGER, everybody nothing, and the relay no data of the domain', async () => {
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

  it('has no view that runs with more rights than whoever asks, and of functions only those that are listed', async () => {
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
        { proname: 'app_leave_threads', ...listed },
        { proname: 'app_lock_platform_key', ...listed },
        { proname: 'app_organizations_of', ...listed },
        { proname: 'app_platform_key_is_live', ...listed },
        { proname: 'keep_subject', ...triggered },
        { proname: 'leave_groups', ...triggered },
        { proname: 'leave_groups_on_removal', ...triggered },
      ],
    });
  });
});

const unqualified = (expression: unknown): string => String(expression).replaceAll('tidings.', '');

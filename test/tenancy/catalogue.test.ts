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
       AND NOT relispartition AND relname <> ALL ($1) ORDER BY 1`,
      [NOT_TENANT_TABLES],
    )
  ).map(({ name }) => name);

describe('the catalogue of the database', () => {
  it('has exactly the listed tenant tables, so that these tests cover every table', async () => {
    expect(await tenantTables()).toEqual([
      'act_as_reads',
      'api_keys',
      'audit_entries',
      'blocks',
      'changes',
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
      'presence',
      'presence_at_block',
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

  it('grants nothing on a partition, which would be read past the policies of its table', async () => {
    const granted = await database.query(
      `SELECT relname FROM pg_class
       WHERE relnamespace = 'tidings'::regnamespace AND relispartition AND relkind = 'r'
         AND EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee <> relowner)`,
    );
    expect(granted).toEqual([]);
  });

  it('has on every tenant table one permissive policy for requests, which reads the organization once per statement', async () => {
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

  it('lets a person access only their own row of user_preferences, and an organization-wide transaction read those of members', async () => {
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

  it('names the nil UUID only in policies and functions of platform keys and of unread counts', async () => {
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
      'app_lock_platform_key',
      'app_platform_key_is_live',
      'count_unread_on_delete',
      'count_unread_on_insert',
      'count_unread_on_update',
    ]);
  });

  it('has organization_id as the first column of every key and foreign key between tenant tables', async () => {
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
});

const unqualified = (expression: unknown): string => String(expression).replaceAll('tidings.', '');

import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { Asker } from '../support/database.js';
import { type FullOrganization, fillOrganization } from './full-organization.js';

const api = useApi({ worker: 'off' });

const NIL = '00000000-0000-0000-0000-000000000000';

let home: FullOrganization;
/** Tables of which a person sees their own part, or nothing. */
let personal: string[];
/** Tables whose rows housekeeping alone deletes. */
let retained: string[];

beforeAll(async () => {
  home = await fillOrganization(api);
  await fillOrganization(api);
  await api.database.query(`INSERT INTO user_deletions (user_id, request_id) VALUES ($1, 'a test')`, [
    home.owner.id,
  ]);
  personal = await narrowed(['ALL', 'SELECT']);
  retained = await narrowed(['DELETE']);
});

async function narrowed(commands: string[]): Promise<string[]> {
  const tables = await api.database.query<{ name: string }>(
    `SELECT DISTINCT tablename AS name FROM pg_policies
     WHERE schemaname = 'tidings' AND permissive = 'RESTRICTIVE' AND cmd = ANY ($1)`,
    [commands],
  );
  return tables.map(({ name }) => name).toSorted();
}

const run = (asker: Asker, sql: string): Promise<object[]> =>
  api.database.asRequestRole(asker, (query) => query(sql));

const inHome = (): Asker => ({ organizationId: home.organization.id });
const nil = (): Asker => ({ ...inHome(), userId: NIL });
const wide = (): Asker => ({ ...inHome(), scope: 'organization' });

const textsOf = (rows: object[]) => rows.map((row) => JSON.stringify(row)).toSorted();

describe('a person whose id is the nil UUID', () => {
  it('sees no row that belongs to people or to the organization as a whole', async () => {
    expect(personal).toEqual(expect.arrayContaining(['messages', 'notifications', 'webhook_endpoints']));
    for (const table of [...personal, 'user_preferences'])
      expect(await run(nil(), `SELECT FROM ${table}`), table).toEqual([]);
  });

  it('changes and deletes nothing', async () => {
    for (const [table, change] of Object.entries({
      messages: `content = 'x'`,
      notifications: 'read_at = now()',
      participants: 'archived_at = now()',
      threads: `subject = 'x'`,
      webhook_endpoints: 'disabled_at = now()',
    }))
      expect(await run(nil(), `UPDATE ${table} SET ${change} RETURNING true`), table).toEqual([]);
    expect(retained).toEqual(['api_keys', 'message_versions', 'notification_requests', 'read_marks']);
    for (const table of retained) {
      expect(await run(nil(), `DELETE FROM ${table} RETURNING true`), table).toEqual([]);
      expect(await run(wide(), `DELETE FROM ${table} RETURNING true`), table).not.toEqual([]);
    }
  });

  it('erases nobody', async () => {
    const erase = `SELECT app_erase_read_marks('${home.owner.id}', 100) AS erased`;
    expect(await run(nil(), erase)).toEqual([{ erased: 0 }]);
    expect(await run(wide(), erase)).toEqual([{ erased: 1 }]);
  });
});

describe('a session whose organization is the nil UUID', () => {
  const scopes = [undefined, 'organization'] as const;
  const askers: Asker[] = [undefined, NIL].flatMap((userId) =>
    scopes.map((scope) => ({ organizationId: NIL, userId, scope })),
  );

  it('sees the rows of the platform itself, and nothing of what the scope of the platform shows', async () => {
    const tables = await api.database.query<{ name: string; column: string | null }>(
      `SELECT relname AS name,
              (SELECT attname FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = CASE relname
                 WHEN 'organizations' THEN 'id' ELSE 'organization_id' END) AS column
       FROM pg_class WHERE relnamespace = 'tidings'::regnamespace AND relkind = 'r'
         AND relname <> 'migrations' AND has_any_column_privilege('tidings_request', oid, 'SELECT')`,
    );
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['users', 'user_deletions']));
    for (const asker of askers) {
      for (const { name, column } of tables) {
        const others = column ? `WHERE ${column} <> '${NIL}'` : '';
        expect(await run(asker, `SELECT FROM ${name} ${others}`), name).toEqual([]);
      }
    }
    const platform: Asker = { organizationId: NIL, scope: 'platform' };
    expect(await run(platform, 'SELECT FROM users')).not.toEqual([]);
    expect(await run(platform, 'SELECT FROM user_deletions')).not.toEqual([]);
    expect(await run(platform, 'SELECT FROM members')).toEqual([]);
  });

  it('deletes no user, starts no deletion and learns of no organizations', async () => {
    for (const asker of askers) {
      expect(await run(asker, 'DELETE FROM users RETURNING true')).toEqual([]);
      expect(await run(asker, `SELECT app_organizations_of('${home.owner.id}')`)).toEqual([]);
      await expect(
        run(asker, `INSERT INTO user_deletions (user_id, request_id) VALUES ('${home.other.id}', 'x')`),
      ).rejects.toThrow('row-level security');
    }
  });
});

describe('organization-wide scope', () => {
  it('shows all rows of the organization, without a person, and none of another', async () => {
    for (const table of personal) {
      const all = await api.database.query(`SELECT * FROM ${table} WHERE organization_id = $1`, [
        home.organization.id,
      ]);
      expect(all.length, table).toBeGreaterThan(0);
      const seen = textsOf(await run(wide(), `SELECT * FROM ${table}`));
      expect({ table, seen }).toEqual({ table, seen: textsOf(all) });
    }
    const preferences = await run(wide(), 'SELECT user_id FROM user_preferences');
    expect(preferences).toEqual([{ user_id: home.owner.id }]);
  });

  it('shows nothing without an organization', async () => {
    for (const table of [...personal, 'user_preferences'])
      expect(await run({ scope: 'organization' }, `SELECT FROM ${table}`), table).toEqual([]);
  });

  it('is not that of a transaction without a person', async () => {
    for (const table of [...personal, 'user_preferences'])
      expect(await run(inHome(), `SELECT FROM ${table}`), table).toEqual([]);
  });
});

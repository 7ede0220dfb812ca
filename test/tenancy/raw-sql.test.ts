import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

const api = useApi();

/** Tables that the request role may read, each with a statement that a bug could send. */
const READABLE = [
  'api_keys',
  'audit_entries',
  'blocks',
  'dead_letters',
  'feeds',
  'hidden_messages',
  'idempotency_keys',
  'members',
  'member_words',
  'message_versions',
  'messages',
  'messaging_rules',
  'messaging_settings',
  'notification_requests',
  'notifications',
  'organizations',
  'participants',
  'read_marks',
  'roles',
  'threads',
  'unread_counts',
];
const UPDATABLE: Record<string, string> = {
  api_keys: 'revoked_at = now()',
  feeds: 'last_seq = 99',
  idempotency_keys: 'result = NULL',
  members: `display_name = 'x'`,
  messages: `content = 'x'`,
  messaging_rules: `allows = 'deny'`,
  messaging_settings: 'delete_window_hours = 1',
  notification_requests: `status = 'sent'`,
  notifications: 'read_at = now()',
  organizations: `name = 'x'`,
  participants: 'archived_at = now()',
  roles: `permissions = '{*}'`,
  threads: `subject = 'x'`,
  unread_counts: 'unread = 99',
};

let home: TestMember;
let abroad: TestMember;

beforeAll(async () => {
  [home, abroad] = [await api.build.member({ role: 'admin' }), await api.build.member({ role: 'admin' })];
  for (const member of [home, abroad]) {
    const admin = await api.as(member);
    await admin.with({ 'Idempotency-Key': 'one' }).post('admin/api-keys', { name: 'service', scopes: [] });
    await converse(member, admin);
    await notify(member, admin);
  }
});

/** Leaves a row in each table of messages, blocks and rules. */
async function converse({ organization }: TestMember, admin: Client): Promise<void> {
  const other = await api.build.member({ organization });
  const { message_id } = (await admin.post('messages/send', { recipient: other.id, content: 'One' })).body;
  await admin.patch(`messages/${message_id}`, { content: 'Two' });
  const answer = { recipient: (await admin.get('me')).body.id, content: 'Three' };
  const { thread_id } = (await (await api.as(other)).post('messages/send', answer)).body;
  await admin.post(`messages/threads/${thread_id}/read`);
  await admin.delete(`messages/${message_id}`);
  await admin.post(`messages/users/${other.id}/block`);
  const rule = { from_role: 'user', to_role: 'admin', allows: 'initiate' };
  await admin.put('admin/messaging-rules', { rules: [rule], delete_window_hours: 5 });
}

/** The same for notifications; what fails twelve times is not waited for. */
async function notify({ id, organization }: TestMember, admin: Client): Promise<void> {
  await admin.post('notifications', { to: { users: [id] }, type: 'SYSTEM', title: 'One', body: 'Two' });
  await api.database.query(
    `INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at)
     VALUES ($1, $2, 'member.joined', '{}', 12, now())`,
    [organization.id, uuid()],
  );
}

const organizationOf = (table: string) => (table === 'organizations' ? 'id' : 'organization_id');
const atHome = () => ({ organizationId: home.organization.id, userId: home.id });

describe('raw SQL without a WHERE clause, as the role of requests,', () => {
  it('reads the rows of its own organization and no others', async () => {
    for (const table of READABLE) {
      const seen = await api.database.asRequestRole(atHome(), (query) =>
        query<{ organization: string }>(
          `SELECT DISTINCT ${organizationOf(table)} AS organization FROM ${table}`,
        ),
      );
      expect({ table, seen }).toEqual({ table, seen: [{ organization: home.organization.id }] });
    }
  });

  it('reads no rows, without an error, if no organization is set', async () => {
    for (const table of READABLE) {
      expect(await api.database.asRequestRole({}, (query) => query(`SELECT FROM ${table}`)), table).toEqual(
        [],
      );
    }
  });

  it('changes the rows of its own organization and no others', async () => {
    for (const [table, change] of Object.entries(UPDATABLE)) {
      const changed = await api.database.asRequestRole(atHome(), (query) =>
        query<{ organization: string }>(
          `UPDATE ${table} SET ${change} RETURNING ${organizationOf(table)} AS organization`,
        ),
      );
      expect(new Set(changed.map(({ organization }) => organization)), table).toEqual(
        new Set([home.organization.id]),
      );
    }
  });

  it('cannot move a row to another organization, nor insert one there', async () => {
    for (const table of Object.keys(UPDATABLE)) {
      const column = organizationOf(table);
      const move = api.database.asRequestRole(atHome(), (query) =>
        query(`UPDATE ${table} SET ${column} = $1`, [abroad.organization.id]),
      );
      await expect(move, table).rejects.toThrow(/row-level security|foreign key|permission denied/);
    }
    const write = api.database.asRequestRole(atHome(), (query) =>
      query(`INSERT INTO outbox (organization_id, id, type, payload) VALUES ($1, $2, 'x', '{}')`, [
        abroad.organization.id,
        uuid(),
      ]),
    );
    await expect(write).rejects.toThrow('row-level security');
  });

  it('cannot insert a member of another organization, even with known ids', async () => {
    const write = api.database.asRequestRole(atHome(), (query) =>
      query(
        `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
         VALUES ($1, $2, 'x', 'x', 'x', 'user')`,
        [abroad.organization.id, home.id],
      ),
    );
    await expect(write).rejects.toThrow('row-level security');
  });

  it('cannot read or delete rows of users, which organizations share', async () => {
    expect(await api.database.asRequestRole(atHome(), (query) => query('SELECT FROM users'))).toEqual([]);
    expect(
      await api.database.asRequestRole(atHome(), (query) => query('DELETE FROM users RETURNING id')),
    ).toEqual([]);
  });

  it.each([
    ['change the audit log', `UPDATE audit_entries SET action = 'nothing'`],
    ['delete from the audit log', 'DELETE FROM audit_entries'],
    ['empty a table', 'TRUNCATE members'],
    ['read the outbox', 'SELECT * FROM outbox'],
    ['disable row-level security', 'ALTER TABLE members DISABLE ROW LEVEL SECURITY'],
    ['drop a policy', 'DROP POLICY tenant ON members'],
    ['create a table', 'CREATE TABLE tidings.other (id int)'],
  ])('cannot %s', async (_what, sql) => {
    await expect(api.database.asRequestRole(atHome(), (query) => query(sql))).rejects.toThrow(
      /permission denied|must be owner/,
    );
  });
});

describe('the profile that one organization stores of a person', () => {
  it('does not change the profile of the same person in another organization', async () => {
    const { organization: elsewhere } = await api.build.member();
    const input = { username: 'other', display_name: 'Other', role: 'user', email: 'other@example.com' };
    expect((await api.platform(elsewhere).put(`members/${home.id}`, input)).status).toBe(201);

    const me = await (await api.as(home)).get('me');
    expect(me.body).toMatchObject({
      username: home.username,
      display_name: home.display_name,
      role: 'admin',
      email: null,
    });

    await api.platform(elsewhere).delete(`members/${home.id}`);
    expect((await (await api.as(home)).get('me')).status).toBe(200);
  });
});

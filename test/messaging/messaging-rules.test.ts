import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const api = useApi();

let organization: TestOrganization;
let admin: Client;

beforeEach(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
});

const put = (rules: object[], more: object = {}) => admin.put('admin/messaging-rules', { rules, ...more });

async function person(role: string): Promise<TestMember & { client: Client }> {
  const member = await api.build.member({ organization, role });
  return { ...member, client: await api.as(member) };
}

type Person = Awaited<ReturnType<typeof person>>;

const send = async (from: Person, to: Person): Promise<string> => {
  const { status, body } = await from.client.post('messages/send', { recipient: to.id, content: 'Hello' });
  return status === 201 ? 'sent' : (body.code as string);
};

describe('the messaging rules of an organization', () => {
  it('by default allow everybody to start, except that users may only reply to clinicians', async () => {
    const { status, body } = await admin.get('admin/messaging-rules');
    expect(status).toBe(200);
    const roles = ['admin', 'clinician', 'therapist', 'user'];
    const expected = roles.flatMap((from_role) =>
      roles.map((to_role) => ({
        from_role,
        to_role,
        allows: from_role === 'user' && to_role === 'clinician' ? 'reply' : 'initiate',
        reply_window_days: null,
        is_default: true,
      })),
    );
    expect(body).toEqual({ rules: expected, delete_window_hours: 24, next_cursor: null });
  });

  it('apply at once when changed, and return to the default when omitted', async () => {
    const [user, therapist] = [await person('user'), await person('therapist')];
    expect(await send(user, therapist)).toBe('sent');
    const deny = { from_role: 'user', to_role: 'therapist', allows: 'deny' };
    const changed = await put([deny]);
    expect(changed.body.rules).toContainEqual({ ...deny, reply_window_days: null, is_default: false });
    expect(await send(user, therapist)).toBe('role_not_allowed');
    expect(await send(therapist, user)).toBe('sent');
    await put([]);
    expect(await send(user, therapist)).toBe('sent');
  });

  it('with deny apply to replies in existing threads and to edits too', async () => {
    const [user, therapist] = [await person('user'), await person('therapist')];
    await send(therapist, user);
    const sent = await user.client.post('messages/send', { recipient: therapist.id, content: 'Hello' });
    const { thread_id, message_id } = sent.body as { thread_id: string; message_id: string };
    const post = () => user.client.post(`messages/threads/${thread_id}/messages`, { content: 'More' });
    const edit = (content: string) => user.client.patch(`messages/${message_id}`, { content });
    expect([(await post()).status, (await edit('Hello!')).status]).toEqual([201, 200]);
    await put([{ from_role: 'user', to_role: 'therapist', allows: 'deny' }]);
    for (const answer of [await post(), await edit('Hello?')]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'role_not_allowed' } });
    }
    const { body } = await user.client.get(`messages/threads/${thread_id}`);
    expect(body.messages.map(({ content }: { content: string }) => content)).toEqual([
      'Hello',
      'Hello!',
      'More',
    ]);
  });

  it('apply to people’s current roles', async () => {
    const [user, clinician] = [await person('user'), await person('clinician')];
    expect(await send(user, clinician)).toBe('role_not_allowed');
    const { username, display_name } = user;
    await admin.put(`members/${user.id}`, { username, display_name, role: 'therapist' });
    expect(await send(user, clinician)).toBe('sent');
  });

  it('can name roles of the organization, and lose deleted ones', async () => {
    await admin.put('admin/roles/guest', { permissions: [] });
    const [guest, clinician] = [await person('guest'), await person('clinician')];
    expect(await send(guest, clinician)).toBe('sent');
    const rule = { from_role: 'guest', to_role: 'clinician', allows: 'reply', reply_window_days: 3 };
    expect((await put([rule])).body.rules).toContainEqual({ ...rule, is_default: false });
    expect(await send(guest, clinician)).toBe('role_not_allowed');
    expect(await send(clinician, guest)).toBe('sent');
    expect(await send(guest, clinician)).toBe('sent');

    await admin.delete(`members/${guest.id}`);
    expect((await admin.delete('admin/roles/guest')).status).toBe(204);
    await admin.put('admin/roles/guest', { permissions: [] });
    const { rules } = (await admin.get('admin/messaging-rules')).body;
    expect(rules).toContainEqual({ ...rule, allows: 'initiate', reply_window_days: null, is_default: true });
  });

  it('belong to one organization, and others cannot read or change them', async () => {
    await put([{ from_role: 'user', to_role: 'user', allows: 'deny' }]);
    const elsewhere = await api.build.organizationWithAdmin();
    const rules = (await elsewhere.admin.get('admin/messaging-rules')).body.rules as object[];
    expect(rules.filter((rule) => !('is_default' in rule && rule.is_default))).toEqual([]);
    await elsewhere.admin.put('admin/messaging-rules', { rules: [] });
    expect(await send(await person('user'), await person('user'))).toBe('role_not_allowed');
  });

  it('are audited when they change', async () => {
    const rule = { from_role: 'user', to_role: 'user', allows: 'deny' };
    await put([rule], { delete_window_hours: 2 });
    const [entry] = (await admin.get('admin/audit?limit=1')).body.data;
    expect(entry).toMatchObject({
      action: 'messaging_rules.put',
      target_id: organization.id,
      details: { rules: [{ ...rule, reply_window_days: null }], delete_window_hours: 2 },
    });
  });

  it.each([
    [
      'a role that there is not',
      [{ from_role: 'nobody', to_role: 'user', allows: 'deny' }],
      'rules.0.from_role',
    ],
    [
      'a role that there is not',
      [{ from_role: 'user', to_role: 'nobody', allows: 'deny' }],
      'rules.0.to_role',
    ],
    [
      'a second rule for the same roles',
      ['deny', 'reply'].map((allows) => ({ from_role: 'user', to_role: 'admin', allows })),
      'rules.1',
    ],
    [
      'a window without reply',
      [{ from_role: 'user', to_role: 'admin', allows: 'initiate', reply_window_days: 3 }],
      'rules.0.reply_window_days',
    ],
    [
      'a window of no days',
      [{ from_role: 'user', to_role: 'admin', allows: 'reply', reply_window_days: 0 }],
      'rules.0.reply_window_days',
    ],
    [
      'an unknown value of allows',
      [{ from_role: 'user', to_role: 'admin', allows: 'shout' }],
      'rules.0.allows',
    ],
    ['no role', [{ to_role: 'admin', allows: 'deny' }], 'rules.0.from_role'],
    [
      'an unknown field',
      [{ from_role: 'user', to_role: 'admin', allows: 'deny', always: true }],
      'rules.0.always',
    ],
  ])('refuse %s, naming the field, and do not change', async (_what, rules, field) => {
    const before = await put([{ from_role: 'user', to_role: 'user', allows: 'deny' }]);
    const refused = await put(rules);
    expect(refused).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(refused.body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
    expect((await admin.get('admin/messaging-rules')).body).toEqual(before.body);
  });
});

describe('the list of messaging rules', () => {
  const roles = (count: number) =>
    api.database.query(
      `INSERT INTO roles (organization_id, name, permissions)
       SELECT $1, 'role ' || number, '{}' FROM generate_series(1, $2::integer) AS number`,
      [organization.id, count],
    );

  it('lists every pair of roles once, in order and in pages, even while rules change', async () => {
    await roles(7);
    await put([{ from_role: 'role 3', to_role: 'user', allows: 'deny' }]);
    const pairs: string[] = [];
    const own: string[] = [];
    let cursor = '';
    do {
      const { body } = await admin.get(`admin/messaging-rules?limit=9${cursor}`);
      for (const { from_role, to_role, is_default } of body.rules) {
        pairs.push(`${from_role} > ${to_role}`);
        if (!is_default) own.push(pairs.at(-1)!);
      }
      cursor = body.next_cursor && `&cursor=${body.next_cursor}`;
    } while (cursor);
    expect(pairs).toHaveLength(11 * 11);
    expect(pairs).toEqual([...new Set(pairs)].toSorted());
    expect(own).toEqual(['role 3 > user']);
  });

  it('continues after a role that was deleted meanwhile', async () => {
    await roles(2);
    const first = await admin.get('admin/messaging-rules?limit=20');
    const last = first.body.rules.at(-1);
    expect((await admin.delete(`admin/roles/${encodeURIComponent(last.to_role)}`)).status).toBe(204);
    const next = await admin.get(`admin/messaging-rules?limit=20&cursor=${first.body.next_cursor}`);
    expect(next.body.rules[0]).toMatchObject({ from_role: last.from_role });
    expect(next.body.rules[0].to_role > last.to_role).toBe(true);
  });

  it('returns at most 100 rules from PUT, which accepts at most 1,000', async () => {
    await roles(40);
    const names = ['user', 'admin', ...Array.from({ length: 40 }, (_, index) => `role ${index + 1}`)];
    const all = names.flatMap((from_role) =>
      names.map((to_role) => ({ from_role, to_role, allows: 'initiate' })),
    );
    const answer = await put(all.slice(0, 1000));
    expect(answer.status).toBe(200);
    expect(answer.body.rules).toHaveLength(100);
    expect(answer.body.next_cursor).not.toBeNull();
    expect((await put(all.slice(0, 1001))).status).toBe(400);
    const { data } = (await admin.get('admin/audit?limit=100')).body;
    const sizes = (data as { action: string; details: { rules: object[] } }[])
      .filter(({ action }) => action === 'messaging_rules.put')
      .map(({ details }) => details.rules.length);
    expect(sizes).toEqual(Array.from({ length: 20 }, () => 50));
  });

  it.each(['cursor=x', 'cursor=W10', 'cursor=WzEsMl0', 'limit=0'])('refuses %s with 400', async (query) => {
    expect((await admin.get(`admin/messaging-rules?${query}`)).status).toBe(400);
  });
});

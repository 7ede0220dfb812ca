import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, post, send, sight } from '../support/people.js';

const api = useApi({ worker: 'off' });
const REASON = { 'X-Access-Reason': 'Complaint 2031' };

let organization: TestOrganization;
let overseer: Person;
let ann: Person;
let ben: Person;
let direct: string;
let group: string;

/** Two who have written to each other, and a group of them about a patient; the overseer is in neither. */
beforeEach(async () => {
  organization = await api.build.organization();
  await api.platform(organization).put('admin/roles/overseer', { permissions: ['messages:monitor'] });
  overseer = await person(api, organization, { role: 'overseer' });
  [ann, ben] = [await person(api, organization), await person(api, organization)];
  ({ thread_id: direct } = await send(ann, ben, 'One'));
  await send(ben, ann, 'Two');
  const about = { participant_ids: [ben.id], subject: 'Group', context: { type: 'patient', id: 'P-1' } };
  group = (await ann.client.post('messages/threads', about)).body.id as string;
  await post(ann, group, 'Three');
});

const entries = () =>
  api.database.query(
    `SELECT actor_kind, user_id, action, target_type, target_id, reason, details FROM audit_entries
     WHERE organization_id = $1 AND action IN ('threads.list', 'thread.read') ORDER BY id`,
    [organization.id],
  );
const look = (path: string, client: Client = overseer.client) => client.with(REASON).get(`admin/${path}`);
const read = (id: string, query = '') => look(`threads/${id}/messages${query}`);
const contentsOf = ({ body }: { body: any }) =>
  (body.data as { content: string }[]).map(({ content }) => content);
const idsOf = ({ body }: { body: any }) => (body.data as { id: string }[]).map(({ id }) => id);

describe('oversight of threads', () => {
  it('requires messages:monitor, of people and services', async () => {
    const may = [overseer.client, await api.build.service(organization, ['messages:monitor'])];
    const others = [
      ann.client,
      (await person(api, organization, { role: 'therapist' })).client,
      await api.build.service(organization, ['messages:moderate', 'audit:read']),
    ];
    for (const path of ['threads', `threads/${direct}/messages`]) {
      for (const client of may) expect((await look(path, client)).status).toBe(200);
      for (const client of others) expect((await look(path, client)).status).toBe(403);
    }
    expect(await entries()).toHaveLength(2 * may.length);
  });

  it('requires a reason, and shows and records nothing without one', async () => {
    const attempt = (path: string, reason?: string) =>
      overseer.client.with(reason === undefined ? {} : { 'X-Access-Reason': reason }).get(`admin/${path}`);
    for (const path of ['threads', `threads/${direct}/messages`]) {
      for (const reason of [undefined, '', '   ']) {
        const answer = await attempt(path, reason);
        expect(answer).toMatchObject({ status: 400, body: { code: 'reason_required' } });
      }
      const answer = await attempt(path, 'x'.repeat(501));
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'X-Access-Reason' }] } });
    }
    expect(await entries()).toEqual([]);
    const latin1 = Buffer.from('Beschwerde über Ärztin').toString('latin1');
    expect((await attempt('threads', latin1)).status).toBe(200);
    expect(await entries()).toMatchObject([{ reason: 'Beschwerde über Ärztin' }]);
  });

  it('adds one audit entry per request with caller, thread and reason', async () => {
    await look(`threads?person=${ann.username}`);
    await look('threads?context_type=building');
    await read(direct);
    const who = { actor_kind: 'person', user_id: overseer.id, reason: 'Complaint 2031' };
    expect(await entries()).toEqual([
      {
        ...who,
        action: 'threads.list',
        target_type: 'user',
        target_id: ann.id,
        details: { thread_ids: [group, direct] },
      },
      {
        ...who,
        action: 'threads.list',
        target_type: 'organization',
        target_id: organization.id,
        details: { thread_ids: [] },
      },
      { ...who, action: 'thread.read', target_type: 'thread', target_id: direct, details: { seqs: [1, 2] } },
    ]);
  });

  it('is audited with the messages shown, not those of the next page', async () => {
    await look('threads?limit=1');
    await read(direct, '?limit=1');
    expect((await entries()).map(({ details }) => details)).toEqual([
      { thread_ids: [group] },
      { seqs: [2, 2] },
    ]);
  });

  it('shows nothing if it cannot be audited', async () => {
    await api.database.query('REVOKE INSERT ON audit_entries FROM tidings_request');
    try {
      for (const path of ['threads', `threads/${direct}/messages`]) {
        const { status, text } = await look(path);
        expect(status).toBe(500);
        expect(text).not.toContain(direct);
      }
    } finally {
      await api.database.query('GRANT INSERT ON audit_entries TO tidings_request');
    }
    expect((await read(direct)).status).toBe(200);
  });

  it('filters by person and context, newest thread first', async () => {
    const { thread_id: other } = await send(ann, await person(api, organization), 'Elsewhere');
    expect(idsOf(await look('threads'))).toEqual([other, group, direct]);
    for (const who of [ben.id, ben.username.toUpperCase()]) {
      expect(idsOf(await look(`threads?person=${who}`))).toEqual([group, direct]);
    }
    expect(idsOf(await look('threads?context_type=patient'))).toEqual([group]);
    expect(idsOf(await look('threads?context_type=patient&context_id=P-1'))).toEqual([group]);
    expect(idsOf(await look(`threads?context_type=patient&context_id=P-2&person=${ann.id}`))).toEqual([]);
    expect((await look(`threads?person=${uuid()}`)).status).toBe(404);
    await api.platform(organization).delete(`members/${ben.id}`);
    expect(idsOf(await look(`threads?person=${ben.id}`))).toEqual([group, direct]);
  });

  it('lists each thread and each message once, in pages', async () => {
    await post(ann, direct, 'Four');
    const pages = async (path: string) => {
      const found: string[] = [];
      for (let cursor = ''; ;) {
        const answer = await look(`${path}?limit=1${cursor}`);
        found.push(...idsOf(answer));
        if (answer.body.next_cursor === null) return found;
        cursor = `&cursor=${answer.body.next_cursor}`;
      }
    };
    expect(await pages('threads')).toEqual([group, direct]);
    expect(await pages(`threads/${direct}/messages`)).toEqual(idsOf(await read(direct)));
    expect(contentsOf(await read(direct))).toEqual(['Four', 'Two', 'One']);
  });

  it('shows messages deleted by one person, by both and for everyone', async () => {
    const [first, second] = idsOf(await read(direct)).toReversed();
    await ann.client.delete(`messages/${first}?scope=everyone`);
    for (const { client } of [ann, ben]) await client.delete(`messages/${second}`);
    const third = await post(ann, direct, 'Three');
    await ben.client.delete(`messages/${third}`);
    expect((await sight(ann, [direct])).histories).toEqual([[null, 'Three']]);
    const { body } = await read(direct);
    expect(body.data).toMatchObject([
      { content: 'Three', deleted_at: null },
      { content: 'Two', deleted_at: expect.any(String) },
      { content: 'One', deleted_at: expect.any(String) },
    ]);
  });

  it('changes no count, read mark or receipt, even of a participant', async () => {
    const admin = await person(api, organization, { role: 'admin' });
    const { thread_id } = await send(ann, admin, 'For the admin');
    const see = async () => ({
      ann: await sight(ann, [direct, group, thread_id]),
      admin: await sight(admin, [thread_id]),
      direct: (await ann.client.get(`messages/threads/${direct}`)).body,
      own: (await admin.client.get(`messages/threads/${thread_id}`)).body,
    });
    const before = await see();
    for (const client of [overseer.client, admin.client]) {
      await look('threads', client);
      for (const id of [direct, group, thread_id]) await look(`threads/${id}/messages`, client);
    }
    expect(await see()).toEqual(before);
    const events = await api.database.query(
      `SELECT FROM outbox WHERE type = 'thread.read' AND organization_id = $1`,
      [organization.id],
    );
    expect(events).toEqual([]);
  });

  it('finds nothing of other organizations', async () => {
    const { admin: stranger } = await api.build.organizationWithAdmin();
    expect(idsOf(await look('threads', stranger))).toEqual([]);
    for (const path of [`threads?person=${ann.id}`, `threads/${direct}/messages`]) {
      expect(await look(path, stranger)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect(await entries()).toEqual([]);
  });
});

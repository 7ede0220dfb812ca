import { beforeEach, describe, expect, it, vi } from 'vitest';
import { withoutAnnouncements } from '../support/announcements.js';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import {
  type Person,
  makeGroups,
  ownedByTransaction,
  person,
  post,
  send,
  startGroup,
} from '../support/people.js';
import { whileEventsWait } from '../support/waiting-events.js';
import { expectNoDrift, serverErrors } from './concurrency.js';
import { peopleOf } from './group-owners.js';

const api = useApi();
vi.setConfig({ testTimeout: 120_000 });

let organization: TestOrganization;
let ann: Person;
let ben: Person;
let cas: Person;

beforeEach(async () => {
  organization = await api.build.organization();
  const someone = () => person(api, organization);
  [ann, ben, cas] = [await someone(), await someone(), await someone()];
});

const member = ({ id }: Person) => `members/${id}`;
const remove = (who: Person) => api.platform(organization).delete(member(who));
const putBack = ({ id, username, display_name, role }: Person) =>
  api.platform(organization).put(`members/${id}`, { username, display_name, role });
const people = (threadId: string) => peopleOf(api.database, threadId);

/** The first and the last of Ann's groups, in the order in which she leaves them. */
const ownGroups = async () => {
  const groups = await api.database.query<{ thread_id: string }>(
    'SELECT thread_id FROM participants WHERE user_id = $1 ORDER BY thread_id',
    [ann.id],
  );
  return [groups[0]!.thread_id, groups.at(-1)!.thread_id];
};
const handled = () =>
  expect
    .poll(() => api.database.query('SELECT type, last_error FROM outbox'), { timeout: 30_000, interval: 10 })
    .toEqual([]);

describe('a removed member', () => {
  it('has left all groups when the removal is answered, and their groups pass to the longest participant', async () => {
    const owned = await startGroup(ann, [ben]);
    await ann.client.post(`messages/threads/${owned}/participants`, { user_id: cas.id });
    const other = await startGroup(ben, [ann, cas]);
    const alone = await startGroup(ann, [ben]);
    await ben.client.delete(`messages/threads/${alone}/participants/${ben.id}`);
    expect((await remove(ann)).status).toBe(204);
    expect(await people(owned)).toEqual([
      { user_id: ben.id, owns: true },
      { user_id: cas.id, owns: false },
    ]);
    expect((await people(other)).map(({ user_id }) => user_id).toSorted()).toEqual(
      [ben.id, cas.id].toSorted(),
    );
    expect(await people(alone)).toEqual([]);
    const { body } = await ben.client.get(`messages/threads/${owned}`);
    expect(body).toMatchObject({ participant_count: 2 });
    expect(body.participants).toHaveLength(2);
    await expectNoDrift(api, organization, [ann, ben, cas]);
  });

  it('leaves 500 groups at once and the rest soon, and is no member of any meanwhile', async () => {
    await makeGroups(api, ann, ben, 1600);
    const [first, last] = await ownGroups();
    for (const group of [first!, last!]) await post(ben, group, 'Before');
    const edited = await post(ben, last!, 'Before');

    await whileEventsWait(api, async () => {
      expect((await remove(ann)).status).toBe(204);
      expect((await ann.client.get('me')).status).toBe(403);
      expect((await ben.client.get(member(ann))).status).toBe(404);
      expect(await ownedByTransaction(api, ben)).toEqual([500]);
      await post(ben, last!, 'Meanwhile');
      await ben.client.patch(`messages/${edited}`, { content: 'Meanwhile' });
      const moderator = api.platform(organization);
      const path = `admin/threads/${last}/participants/${ann.id}`;
      expect((await moderator.send('DELETE', path, { reason: 'Too early' })).status).toBe(404);
      expect(await putBack(ann)).toMatchObject({ status: 409, body: { code: 'conflict' } });
      await expectNoDrift(api, organization, [ben]);
    });
    await handled();

    expect(await ownedByTransaction(api, ben)).toEqual([100, 500, 1000]);
    expect((await putBack(ann)).status).toBe(201);
    expect((await ann.client.get(`messages/threads/${first}`)).body).toMatchObject({
      left: true,
      messages: [{ content: 'Before' }],
    });
    expect((await ann.client.get(`messages/threads/${last}`)).status).toBe(404);
    const { data } = (await ann.client.get('notifications')).body;
    expect(data.map(({ body }: { body: string }) => body)).toEqual(['Before', 'Before', 'Before']);
    expect((await ann.client.get('messages/unread-count')).body.unread_count).toBe(1);
    await expectNoDrift(api, organization, [ann, ben]);
  });

  it('stays in the groups of a new membership if the event is handled late', async () => {
    await remove(ann);
    await putBack(ann);
    const group = await startGroup(ben, [ann]);
    await api.database.query(
      `INSERT INTO outbox (organization_id, id, type, payload)
       VALUES ($1, gen_random_uuid(), 'member.leaving', jsonb_build_object('user_id', $2::text))`,
      [organization.id, ann.id],
    );
    await handled();
    expect(await people(group)).toHaveLength(2);
  });

  it('never reads messages sent meanwhile after becoming a member again', async () => {
    const group = await startGroup(ben, [ann, cas]);
    await post(ben, group, 'Before');
    await remove(ann);
    await post(ben, group, 'Meanwhile');
    await putBack(ann);
    const { body } = await ann.client.get(`messages/threads/${group}`);
    expect(body).toMatchObject({ left: true, messages: [{ content: 'Before' }] });
    await ben.client.post(`messages/threads/${group}/participants`, { user_id: ann.id });
    await post(ben, group, 'Welcome back');
    const { body: again } = await ann.client.get(`messages/threads/${group}`);
    expect(again.messages.map(({ content }: { content: string }) => content)).toEqual(['Welcome back']);
  });

  it('cannot send through a process that has not noticed the removal', async () => {
    const group = await startGroup(ben, [ann, cas]);
    const { thread_id } = await send(ann, ben, 'Known');
    // More than she leaves at once.
    await makeGroups(api, ann, ben, 600);
    const [, last] = await ownGroups();
    // Warms the cache of members, so that the guard admits ann and the statements have to refuse her.
    expect((await ann.client.get('messages/inbox')).status).toBe(200);
    await withoutAnnouncements(api.database, () =>
      api.database.query(
        'UPDATE members SET removed_at = now(), role = NULL WHERE organization_id = $1 AND user_id = $2',
        [organization.id, ann.id],
      ),
    );
    const answers = await Promise.all([
      ann.client.post(`messages/threads/${thread_id}/messages`, { content: 'Late' }),
      ann.client.post('messages/send', { recipient: ben.id, content: 'Late' }),
      ann.client.post('messages/send', { recipient: cas.id, content: 'Late' }),
      ann.client.post(`messages/threads/${group}/messages`, { content: 'Late' }),
      ann.client.post(`messages/threads/${last}/messages`, { content: 'Late' }),
      ann.client.patch(`messages/threads/${last}`, { subject: 'Late' }),
      ann.client.post(`messages/threads/${last}/participants`, { user_id: cas.id }),
      ann.client.delete(`messages/threads/${last}/participants/${ben.id}`),
      ann.client.post('messages/threads', { participant_ids: [ben.id], subject: 'Late' }),
      ann.client.post('messages/threads', { recipient_id: cas.id }),
      ben.client.post(`messages/threads/${group}/participants`, { user_id: ann.id }),
    ]);
    for (const { status } of answers) expect([403, 404]).toContain(status);
    // The guard still admits her, so the statements have refused the requests above.
    expect((await ann.client.get('messages/inbox')).status).toBe(200);
    expect(await api.database.query(`SELECT FROM messages WHERE content = 'Late'`)).toEqual([]);
    expect(await api.database.query(`SELECT FROM threads WHERE subject = 'Late'`)).toEqual([]);
    await expectNoDrift(api, organization, [ann, ben, cas]);
  });

  it('is in no group and has sent nothing afterwards, even with concurrent adds and sends', async () => {
    const group = await startGroup(ben, [cas]);
    const { thread_id } = await send(ann, ben, 'Known');
    for (let race = 0; race < 200; race++) {
      const during = Promise.all([
        ben.client.post(`messages/threads/${group}/participants`, { user_id: ann.id }),
        ben.client.post('messages/threads', { participant_ids: [ann.id, cas.id], subject: 'Race' }),
        ann.client.post('messages/threads', { participant_ids: [cas.id], subject: 'Race' }),
        ann.client.post(`messages/threads/${thread_id}/messages`, { content: 'Race' }),
        ben.client.post(`messages/threads/${group}/messages`, { content: 'Race' }),
      ]);
      expect((await remove(ann)).status).toBe(204);
      const [written] = await api.database.query<{ count: number }>(
        'SELECT count(*)::integer AS count FROM messages WHERE sender_id = $1',
        [ann.id],
      );
      const inGroups = await api.database.query(
        'SELECT thread_id FROM participants WHERE user_id = $1 AND partner_id IS NULL AND left_at IS NULL',
        [ann.id],
      );
      expect({ race, inGroups }).toEqual({ race, inGroups: [] });
      expect(serverErrors(await during)).toEqual([]);
      const [after] = await api.database.query(
        `SELECT count(*)::integer AS count, (
           SELECT count(*)::integer FROM participants
           WHERE user_id = $1 AND partner_id IS NULL AND left_at IS NULL) AS groups
         FROM messages WHERE sender_id = $1`,
        [ann.id],
      );
      expect({ race, ...after }).toEqual({ race, ...written, groups: 0 });
      await putBack(ann);
    }
    await expectNoDrift(api, organization, [ann, ben, cas]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, post, startGroup } from '../support/people.js';
import { expectNoDrift } from './concurrency.js';

const api = useApi();

let organization: TestOrganization;
let owner: Person;
let ann: Person;
let ben: Person;
let cas: Person;
let group: string;

/** A group with a message that nobody but its sender, the owner, has read. */
beforeEach(async () => {
  organization = await api.build.organization();
  const someone = () => person(api, organization);
  [owner, ann, ben, cas] = [await someone(), await someone(), await someone(), await someone()];
  group = await startGroup(owner, [ann, ben]);
  await post(owner, group, 'Hello');
});

const path = () => `messages/threads/${group}`;
const participant = ({ id }: Person) => `${path()}/participants/${id}`;
const leave = (who: Person) => who.client.delete(participant(who));
const add = (who: Person) => owner.client.post(`${path()}/participants`, { user_id: who.id });
const rename = (who: Person, subject: string) => who.client.patch(path(), { subject });
const give = (who: Person) =>
  api.platform(organization).patch(`admin/threads/${group}`, { owner: who.id, reason: 'A test' });
const seen = async (who: Person) => (await who.client.get(path())).body;
const listed = async (who: Person) =>
  ((await who.client.get('messages/threads')).body.data as { id: string }[]).find(({ id }) => id === group);

describe('a former participant', () => {
  it('sees subject, people, read marks and times of the group as of when they left', async () => {
    const { body: mine } = await ann.client.post(`${path()}/messages`, { content: 'Mine' });
    await ben.client.post(`${path()}/read`);
    await leave(ann);
    const [before, inList] = [await seen(ann), await listed(ann)];
    expect(before).toMatchObject({ left: true, subject: 'Group', participant_count: 3 });
    expect(before.participants).toHaveLength(3);
    expect(before.messages[1]).toMatchObject({
      id: mine.id,
      is_read: false,
      receipts: [{ user_id: ben.id }],
    });
    await rename(owner, 'Without ann');
    await rename(owner, 'Again');
    await add(cas);
    await post(ben, group, 'After');
    for (const who of [owner, ben, cas]) await who.client.post(`${path()}/read`);
    expect([await seen(ann), await listed(ann)]).toEqual([before, inList]);
    await owner.client.delete(participant(ben));
    expect([await seen(ann), await listed(ann)]).toEqual([before, inList]);
    await add(ben);
    expect([await seen(ann), await listed(ann)]).toEqual([before, inList]);
    expect(await seen(cas)).toMatchObject({ subject: 'Again', participant_count: 3 });
    await add(ann);
    expect(await seen(ann)).toMatchObject({
      subject: 'Again',
      participant_count: 4,
      left: false,
      messages: [],
    });
  });

  it('sees the subject of when they left, before or between renames', async () => {
    await leave(ann);
    await rename(owner, 'Second');
    await leave(ben);
    await rename(owner, 'Third');
    expect(await Promise.all([ann, ben, owner].map(async (who) => (await seen(who)).subject))).toEqual([
      'Group',
      'Second',
      'Third',
    ]);
  });
});

describe('a rename by a person whom the viewer blocks', () => {
  it('is hidden during the block in thread, list, times and notifications', async () => {
    await give(ben);
    await ann.client.post(`messages/users/${ben.id}/block`);
    const [before, inList] = [await seen(ann), await listed(ann)];
    expect(await rename(ben, 'By ben')).toMatchObject({ status: 200, body: { subject: 'By ben' } });
    expect([await seen(ann), await listed(ann)]).toEqual([before, inList]);
    expect(await seen(owner)).toMatchObject({ subject: 'By ben' });
    await post(owner, group, 'News');
    const titleOfNews = async (who: Person) =>
      ((await who.client.get('notifications')).body.data as { title: string; body: string }[]).find(
        ({ body }) => body === 'News',
      )?.title;
    await expect.poll(() => titleOfNews(ben), { timeout: 20_000 }).toBe(`${owner.display_name} in By ben`);
    await expect
      .poll(() => titleOfNews(ann), { timeout: 20_000 })
      .toBe(`${owner.display_name} in ${before.subject}`);
    await ann.client.delete(`messages/users/${ben.id}/block`);
    expect(await seen(ann)).toMatchObject({ subject: 'By ben' });
  });

  it('is not in the notification of a blocker who is added afterwards', async () => {
    await cas.client.post(`messages/users/${ben.id}/block`);
    await give(ben);
    await rename(ben, 'By ben');
    await give(owner);
    await add(cas);
    const feed = async () => (await cas.client.get('notifications')).body.data as { title: string }[];
    await expect
      .poll(feed, { timeout: 10_000 })
      .toMatchObject([{ title: `${owner.display_name} added you to Group` }]);
  });

  it('leaves the last subject that somebody else has set', async () => {
    await rename(owner, 'By owner');
    await give(ben);
    await rename(ben, 'By ben');
    await ann.client.post(`messages/users/${ben.id}/block`);
    expect((await seen(ann)).subject).toBe('By owner');
  });
});

describe('removing a left group from the list', () => {
  it('hides it in lists and counts and on all routes, for that person alone', async () => {
    const unread = async () => (await ann.client.get('messages/unread-count')).body;
    await leave(ann);
    const others = [await seen(owner), await seen(ben)];
    const { messages } = await seen(ann);
    expect(await unread()).toEqual({ unread_count: 1, unread_threads: 1 });
    expect((await ann.client.delete(path())).status).toBe(204);
    expect(await listed(ann)).toBeUndefined();
    expect(await unread()).toEqual({ unread_count: 0, unread_threads: 0 });
    const answers = await Promise.all([
      ann.client.get(path()),
      ann.client.patch(path(), { archived: true }),
      ann.client.delete(path()),
      ann.client.post(`${path()}/read`),
      ann.client.post(`${path()}/messages`, { content: 'Me' }),
      ann.client.patch(`messages/${messages[0].id}/read`, {}),
      ann.client.delete(`messages/${messages[0].id}`),
      ann.client.post(`${path()}/participants`, { user_id: cas.id }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    const asAnn = { organizationId: organization.id, userId: ann.id };
    for (const table of ['threads', 'messages', 'read_marks', 'thread_subjects']) {
      const rows = await api.database.asRequestRole(asAnn, (query) => query(`SELECT FROM ${table}`));
      expect({ table, rows }).toEqual({ table, rows: [] });
    }
    expect([await seen(owner), await seen(ben)]).toEqual(others);
    await owner.client.delete(`messages/${messages[0].id}?scope=everyone`);
    await expectNoDrift(api, organization, [owner, ann, ben]);
  });

  it('lasts until they are added again, when they start anew', async () => {
    await leave(ann);
    await ann.client.delete(path());
    await post(owner, group, 'Meanwhile');
    expect((await add(ann)).status).toBe(201);
    expect(await seen(ann)).toMatchObject({ left: false, messages: [], unread_count: 0 });
    await post(owner, group, 'Welcome back');
    expect(await listed(ann)).toMatchObject({ unread_count: 1, last_message: { preview: 'Welcome back' } });
    await expectNoDrift(api, organization, [owner, ann, ben]);
  });

  it('is refused for current participants, direct threads and unknown groups', async () => {
    expect(await ann.client.delete(path())).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const { body } = await ann.client.post('messages/threads', { recipient_id: ben.id });
    expect((await ann.client.delete(`messages/threads/${body.id}`)).status).toBe(409);
    expect((await cas.client.delete(path())).status).toBe(404);
    expect(await listed(ann)).toMatchObject({ id: group });
  });
});

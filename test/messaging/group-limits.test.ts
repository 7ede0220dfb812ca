import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, startGroup } from '../support/people.js';

const api = useApi();

const reason = 'Complaint 2031';

let ann: Person;
let ben: Person;
let cas: Person;
let moderator: Person;
let group: string;

beforeEach(async () => {
  const organization = await api.build.organization();
  await api.platform(organization).put('admin/roles/moderator', { permissions: ['messages:moderate'] });
  const someone = () => person(api, organization);
  [ann, ben, cas] = [await someone(), await someone(), await someone()];
  moderator = await person(api, organization, { role: 'moderator' });
  group = await startGroup(ann, [ben]);
});

/** By its owner, and by a moderator from outside. */
const additions = async ({ id }: Person) => [
  await ann.client.post(`messages/threads/${group}/participants`, { user_id: id }),
  await moderator.client.post(`admin/threads/${group}/participants`, { user_id: id, reason }),
];

const refused = (text: string) => ({
  status: 409,
  body: { code: 'conflict', detail: expect.stringContaining(text) },
});

describe('a group', () => {
  it('has at most 1,000 people', async () => {
    await api.database.query('UPDATE threads SET participant_count = 1000 WHERE id = $1', [group]);
    for (const answer of await additions(cas)) expect(answer).toMatchObject(refused('at most 1000 people'));
  });

  it('has at most 5,000 people over time, who can be added again', async () => {
    await ann.client.delete(`messages/threads/${group}/participants/${ben.id}`);
    // Without members, who would take long to create.
    await api.database.query(
      `BEGIN; SET LOCAL session_replication_role = replica;
       INSERT INTO participants (organization_id, thread_id, user_id, left_at, newest_seq, active_at)
       SELECT organization_id, id, gen_random_uuid(), now(), 0, now()
       FROM threads CROSS JOIN generate_series(1, 4998) WHERE id = '${group}';
       COMMIT`,
    );
    for (const answer of await additions(cas)) expect(answer).toMatchObject(refused('5000 people have been'));
    expect((await additions(ben)).map(({ status }) => status)).toEqual([201, 200]);
  });

  it('can have a person added 100 times', async () => {
    await ann.client.delete(`messages/threads/${group}/participants/${ben.id}`);
    await api.database.query(
      `UPDATE participants SET earlier_stays = (
         SELECT range_agg(tstzrange(day, day + interval '1 hour'))
         FROM generate_series(now() - interval '100 days', now() - interval '1 day', interval '1 day') AS day)
       WHERE thread_id = $1 AND user_id = $2`,
      [group, ben.id],
    );
    for (const answer of await additions(ben)) expect(answer).toMatchObject(refused('too often'));
  });

  it('can be renamed 1,000 times', async () => {
    await api.database.query('UPDATE threads SET subject_version = 1000 WHERE id = $1', [group]);
    const renames = [
      await ann.client.patch(`messages/threads/${group}`, { subject: 'Other' }),
      await moderator.client.patch(`admin/threads/${group}`, { subject: 'Other', reason }),
    ];
    for (const answer of renames) expect(answer).toMatchObject(refused('renamed 1000 times'));
    expect((await ann.client.patch(`messages/threads/${group}`, { archived: true })).status).toBe(200);
  });
});

describe('a person', () => {
  it('has at most 5,000 groups in their list, with those they have left', async () => {
    await api.database.query(
      `BEGIN; SET LOCAL session_replication_role = replica;
       INSERT INTO participants (organization_id, thread_id, user_id, left_at, newest_seq, active_at)
       SELECT organization_id, gen_random_uuid(), '${cas.id}', now(), 0, now()
       FROM threads CROSS JOIN generate_series(1, 5000) WHERE id = '${group}';
       COMMIT`,
    );
    const start = ({ client }: Person, other: Person) =>
      client.post('messages/threads', { participant_ids: [other.id], subject: 'Another' });
    const all = async () => [...(await additions(cas)), await start(ann, cas), await start(cas, ann)];
    for (const answer of await all()) expect(answer).toMatchObject(refused(`${cas.id} has 5000 groups`));
    expect((await start(ann, ben)).status).toBe(201);
    await api.database.query(
      `UPDATE participants SET hidden_at = now() WHERE ctid IN (
         SELECT ctid FROM participants WHERE user_id = $1 LIMIT 3)`,
      [cas.id],
    );
    expect((await all()).map(({ status }) => status)).toEqual([201, 200, 201, 201]);
  });
});

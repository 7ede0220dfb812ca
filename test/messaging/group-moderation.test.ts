import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, send, startGroup } from '../support/people.js';
import { expectNoDrift } from './concurrency.js';

const api = useApi();
const reason = 'Complaint 2031';

let organization: TestOrganization;
let moderator: Person;
let ann: Person;
let ben: Person;
let cas: Person;
let group: string;

beforeEach(async () => {
  organization = await api.build.organization();
  await api.platform(organization).put('admin/roles/moderator', { permissions: ['messages:moderate'] });
  moderator = await person(api, organization, { role: 'moderator' });
  const someone = () => person(api, organization);
  [ann, ben, cas] = [await someone(), await someone(), await someone()];
  group = await startGroup(ann, [ben]);
});

const path = () => `admin/threads/${group}`;
const entries = () =>
  api.database.query(
    `SELECT action, target_id, reason, details FROM audit_entries
     WHERE organization_id = $1 AND action IN ('thread.moderate', 'participant.add', 'participant.remove') ORDER BY id`,
    [organization.id],
  );

describe('a moderator outside the group', () => {
  it('can change owner, subject and participants, each with a reason in the audit log', async () => {
    await cas.client.patch('me/visibility', { accepts_messages_from: 'nobody' });
    const { client } = moderator;
    const added = await client.post(`${path()}/participants`, { user_id: cas.username, reason });
    expect(added).toMatchObject({ status: 201, body: { id: group, kind: 'group' } });
    expect((await client.post(`${path()}/participants`, { user_id: cas.id, reason })).status).toBe(200);
    const changed = await client.patch(path(), { owner: cas.username, subject: 'Repaired', reason });
    expect(changed).toMatchObject({ status: 200, body: { subject: 'Repaired' } });
    const owners = (changed.body.participants as { user_id: string; is_owner: boolean }[]).filter(
      ({ is_owner }) => is_owner,
    );
    expect(owners.map(({ user_id }) => user_id)).toEqual([cas.id]);
    expect((await client.send('DELETE', `${path()}/participants/${ann.id}`, { reason })).status).toBe(204);
    const seen = await cas.client.get(`messages/threads/${group}`);
    expect(seen.body).toMatchObject({ subject: 'Repaired', participant_count: 2 });
    expect((await ann.client.get(`messages/threads/${group}`)).body.left).toBe(true);
    const of = { target_id: group, reason };
    expect(await entries()).toEqual([
      { ...of, action: 'participant.add', details: { user_id: cas.id } },
      { ...of, action: 'participant.add', details: { user_id: cas.id } },
      { ...of, action: 'thread.moderate', details: { owner_id: cas.id, subject: 'Repaired' } },
      { ...of, action: 'participant.remove', details: { user_id: ann.id } },
    ]);
    await expectNoDrift(api, organization, [ann, ben, cas]);
  });

  it('makes the first person added to an empty group its owner', async () => {
    for (const who of [ann, ben]) {
      await who.client.delete(`messages/threads/${group}/participants/${who.id}`);
    }
    const service = await api.build.service(organization, ['messages:moderate']);
    const { status, body } = await service.post(`${path()}/participants`, { user_id: cas.id, reason });
    expect(status).toBe(201);
    expect(body.participants).toContainEqual(expect.objectContaining({ user_id: cas.id, is_owner: true }));
    await expectNoDrift(api, organization, [ann, ben, cas]);
  });

  it('is refused without reason or change, for direct threads, and for people who are not in the group', async () => {
    const { client } = moderator;
    const { thread_id } = await send(ann, ben, 'Hello');
    const removed = await person(api, organization);
    await api.platform(organization).delete(`members/${removed.id}`);
    const answers = [
      await client.patch(path(), { owner: ben.id }),
      await client.post(`${path()}/participants`, { user_id: cas.id }),
      await client.send('DELETE', `${path()}/participants/${ben.id}`, {}),
      await client.patch(path(), { reason }),
      await client.patch(path(), { owner: cas.id, reason }),
      await client.patch(path(), { owner: removed.id, reason }),
      await client.post(`${path()}/participants`, { user_id: removed.id, reason }),
      await client.send('DELETE', `${path()}/participants/${cas.id}`, { reason }),
      await client.patch(`admin/threads/${thread_id}`, { subject: 'No', reason }),
      await client.post(`admin/threads/${thread_id}/participants`, { user_id: cas.id, reason }),
      await client.send('DELETE', `admin/threads/${thread_id}/participants/${ann.id}`, { reason }),
      await ann.client.patch(path(), { subject: 'No', reason }),
    ];
    expect(answers.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
      '400 reason_required',
      '400 reason_required',
      '400 reason_required',
      '400 validation_failed',
      '409 conflict',
      '404 not_found',
      '404 not_found',
      '404 not_found',
      '409 conflict',
      '409 conflict',
      '409 conflict',
      '403 forbidden',
    ]);
    expect(await entries()).toEqual([]);
    await expectNoDrift(api, organization, [ann, ben, cas]);
  });
});

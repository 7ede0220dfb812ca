import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';
import { expectNoDrift } from './concurrency.js';
import { peopleOf } from './group-owners.js';

const api = useApi();

let organization: TestOrganization;
let ann: Person;
let ben: Person;
let cas: Person;

beforeEach(async () => {
  organization = await api.build.organization();
  const someone = () => person(api, organization);
  [ann, ben, cas] = [await someone(), await someone(), await someone()];
});

const putBack = ({ id, username, display_name, role }: Person) =>
  api.platform(organization).put(`members/${id}`, { username, display_name, role });
const people = (threadId: string) => peopleOf(api.database, threadId);

describe('a deleted person who is created again', () => {
  it('reads nothing of before, can send and receive, and is not in old groups', async () => {
    const group = await startGroup(ann, [ben, cas]);
    await post(ann, group, 'Erased');
    const { thread_id } = await send(ben, ann, 'Erased');
    await send(ann, ben, 'Erased');
    await api.database.query('DELETE FROM users WHERE id = $1', [ann.id]);
    expect((await people(group)).filter(({ owns }) => owns)).toHaveLength(1);
    await putBack(ann);
    const { client } = ann;
    expect((await client.get('messages/threads')).body.data).toEqual([]);
    for (const id of [group, thread_id]) {
      expect((await client.post(`messages/threads/${id}/messages`, { content: 'Me' })).status).toBe(404);
      expect((await client.get(`messages/threads/${id}`)).status).toBe(404);
    }
    expect((await client.get(`messages/conversation/${ben.id}`)).body.messages).toEqual([]);
    expect(
      (await ben.client.post(`messages/threads/${thread_id}/messages`, { content: 'Hello' })).status,
    ).toBe(201);
    await send(ann, ben, 'Hello to you');
    const contents = async (who: Person) =>
      (await who.client.get(`messages/threads/${thread_id}`)).body.messages.map(
        ({ content }: { content: string }) => content,
      ) as string[];
    expect(await contents(ann)).toEqual(['Hello', 'Hello to you']);
    expect(await contents(ben)).toEqual(['Erased', 'Erased', 'Hello', 'Hello to you']);
    await expectNoDrift(api, organization, [ann, ben, cas]);
  });

  it('reopens the old conversation without its earlier messages', async () => {
    const { thread_id } = await send(ben, ann, 'Erased');
    await api.database.query('DELETE FROM users WHERE id = $1', [ann.id]);
    await putBack(ann);
    const { body, status } = await ann.client.post('messages/threads', { recipient_id: ben.id });
    expect([status, body.id, body.last_message]).toEqual([200, thread_id, null]);
    expect((await send(ann, ben, 'Hello')).thread_id).toBe(thread_id);
    await expectNoDrift(api, organization, [ann, ben]);
  });
});

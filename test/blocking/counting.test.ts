import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

const api = useApi({ worker: 'off' });

let ann: Person;
let bob: Person;
let carol: Person;

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob, carol] = [
    await person(api, organization),
    await person(api, organization),
    await person(api, organization),
  ];
});

const unread = async () => (await ann.client.get('messages/unread-count')).body.unread_count as number;

describe('the unread count', () => {
  it('does not change if people who are not blocked are unblocked, however often', async () => {
    await send(bob, ann, 'One');
    await send(bob, ann, 'Two');
    for (let time = 0; time < 2; time++) {
      expect((await ann.client.delete(`messages/users/${bob.id}/block`)).status).toBe(204);
      expect(await unread()).toBe(2);
    }
  });

  it('leaves out blocked senders, even if a group is partly read', async () => {
    const group = await startGroup(bob, [ann, carol]);
    await ann.client.post(`messages/users/${carol.id}/block`);
    await post(bob, group, 'First');
    await post(carol, group, 'Blocked');
    await post(bob, group, 'Second');
    await post(carol, group, 'Blocked too');
    await post(bob, group, 'Third');
    const { messages } = (await ann.client.get(`messages/threads/${group}`)).body;
    expect(messages).toHaveLength(3);
    const answer = await ann.client.post(`messages/threads/${group}/read`, { up_to: messages[1].id });
    expect(answer.body.unread_count).toBe(1);
    expect(await unread()).toBe(1);
  });
});

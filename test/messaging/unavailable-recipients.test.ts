import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import type { Answer } from '../support/http.js';

const api = useApi();

let organization: TestOrganization;
let member: TestMember;
let me: Client;
let friend: TestMember;
let groupId: string;

beforeAll(async () => {
  organization = await api.build.organization();
  [member, friend] = [await api.build.member({ organization }), await api.build.member({ organization })];
  me = await api.as(member);
  groupId = (await makeGroup([friend.id])).body.id as string;
});

const makeGroup = (participant_ids: string[]) =>
  me.post('messages/threads', { participant_ids, subject: 'Group' });

/** Every way to say to whom. */
const WAYS: [name: string, ask: (person: string) => ReturnType<Client['get']>][] = [
  ['can-message', (person) => me.get(`members/${person}/can-message`)],
  ['sending', (person) => me.post('messages/send', { recipient: person, content: 'Hello' })],
  ['starting a thread', (person) => me.post('messages/threads', { recipient_id: person })],
  ['making a group', (person) => makeGroup([person])],
  ['adding to a group', (person) => me.post(`messages/threads/${groupId}/participants`, { user_id: person })],
];

const removed = async (change?: (person: TestMember) => Promise<unknown>): Promise<TestMember> => {
  const person = await api.build.member({ organization });
  await change?.(person);
  expect((await api.platform(organization).delete(`members/${person.id}`)).status).toBe(204);
  return person;
};

describe.each(WAYS)('%s', (_name, ask) => {
  it('succeeds for a member', async () => {
    const { id, username } = await api.build.member({ organization });
    for (const person of [id, username.toUpperCase()]) expect((await ask(person)).status).toBeLessThan(300);
  });

  it('gets 400 for the caller', async () => {
    for (const person of [member.id, member.id.toUpperCase(), member.username]) {
      expect(await ask(person)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    }
  });

  it('gets the same 404 for people who are unknown, removed or of another organization', async () => {
    const stranger = await api.build.member();
    const gone = await removed();
    const blocking = await removed(async (person) =>
      (await api.as(person)).post(`messages/users/${member.id}/block`),
    );
    const blocked = await removed(({ id }) => me.post(`messages/users/${id}/block`));
    const closed = await removed(async (person) =>
      (await api.as(person)).patch('me/visibility', { accepts_messages_from: 'nobody' }),
    );
    const nobody = [stranger, gone, blocking, blocked, closed].flatMap(({ id, username }) => [id, username]);
    const unknown = comparable(await ask(uuid()));
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } });
    for (const person of [...nobody, 'nobody-has-this-name']) {
      expect(comparable(await ask(person))).toEqual(unknown);
    }
  });
});

/** The refusal of a group also says by which name somebody was asked for. */
function comparable({ status, body }: Answer) {
  const { request_id: _id, detail: _detail, ...rest } = body as Record<string, unknown>;
  return { status, body: rest };
}

describe('a username', () => {
  it('refers to its current owner, not to a former one', async () => {
    const before = await api.build.member({ organization, username: 'passed-on' });
    await me.post('messages/send', { recipient: 'passed-on', content: 'To the first' });
    await api.platform(organization).delete(`members/${before.id}`);
    const now = await api.build.member({ organization, username: 'Passed-On' });
    expect(
      (await me.post('messages/send', { recipient: 'passed-on', content: 'To the second' })).status,
    ).toBe(201);
    const { body } = await (await api.as(now)).get('messages/inbox');
    expect(body.conversations).toMatchObject([{ with_user: member.username, last_message: 'To the second' }]);
  });
});

describe('a person who accepts messages from known people', () => {
  it('knows people they have written to, directly or in a shared group, and nobody else', async () => {
    const shy = await api.build.member({ organization });
    const them = await api.as(shy);
    await them.patch('me/visibility', { accepts_messages_from: 'known' });
    const ask = async () => (await me.get(`members/${shy.id}/can-message`)).body.allowed as boolean;
    const group = { participant_ids: [member.id], subject: 'Group' };
    const { id } = (await them.post('messages/threads', group)).body;
    expect(await ask()).toBe(false);
    await me.post(`messages/threads/${id}/messages`, { content: 'I wrote, they did not' });
    expect(await ask()).toBe(false);
    await them.post(`messages/threads/${id}/messages`, { content: 'Hello' });
    expect(await ask()).toBe(true);
    await me.delete(`messages/threads/${id}/participants/${member.id}`);
    expect(await ask()).toBe(false);
    await them.post('messages/send', { recipient: member.id, content: 'Hello' });
    expect(await ask()).toBe(true);
  });
});

describe('a thread with a removed person', () => {
  it('accepts no messages, and can still be read', async () => {
    const person = await api.build.member({ organization });
    const { thread_id } = (await me.post('messages/send', { recipient: person.id, content: 'Hello' })).body;
    const post = () => me.post(`messages/threads/${thread_id}/messages`, { content: 'Are you there?' });
    expect((await post()).status).toBe(201);
    await api.platform(organization).delete(`members/${person.id}`);
    expect(await post()).toMatchObject({ status: 403, body: { code: 'recipient_unavailable' } });
    expect((await me.get(`messages/threads/${thread_id}`)).body.messages).toHaveLength(2);
    expect((await me.get(`messages/conversation/${person.id}`)).body.messages).toHaveLength(2);
  });
});

describe('a group', () => {
  it('is refused with the name of each person who cannot be in it', async () => {
    const [blocking, closed] = [
      await api.build.member({ organization }),
      await api.build.member({ organization }),
    ];
    const before = await threads();
    expect((await makeGroup([friend.id, blocking.id, closed.id])).status).toBe(201);
    await (await api.as(blocking)).post(`messages/users/${member.id}/block`);
    await (await api.as(closed)).patch('me/visibility', { accepts_messages_from: 'nobody' });
    const answer = await makeGroup([blocking.username, friend.id, closed.id, 'nobody-has-this-name']);
    expect(answer).toMatchObject({
      status: 403,
      body: {
        code: 'recipient_unavailable',
        errors: [
          { field: 'participant_ids.0', message: 'The recipient does not accept messages.' },
          { field: 'participant_ids.2', message: 'The recipient does not accept messages.' },
          { field: 'participant_ids.3' },
        ],
      },
    });
    expect(await threads()).toBe(before + 1);
  });

  it('may name its creator, whatever their settings and role', async () => {
    const own = await api.build.member({ organization });
    const self = await api.as(own);
    const make = async () =>
      (await self.post('messages/threads', { participant_ids: [own.id, friend.id], subject: 'Group' }))
        .status;
    expect(await make()).toBe(201);
    await self.patch('me/visibility', { accepts_messages_from: 'nobody' });
    expect(await make()).toBe(201);
  });

  const threads = async () => (await api.database.query('SELECT FROM threads')).length;
});

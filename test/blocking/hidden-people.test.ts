import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import type { Answer } from '../support/http.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let me: Person;
let them: Person;
let friend: Person;
let ownGroup: string;
let foreignGroup: string;

beforeAll(async () => {
  organization = await api.build.organization();
});

beforeEach(async () => {
  [me, them, friend] = [
    await person(api, organization),
    await person(api, organization),
    await person(api, organization),
  ];
  ownGroup = await startGroup(me, [friend]);
  foreignGroup = await startGroup(friend, [me]);
});

type Hide = () => Promise<Answer>;
const HIDES: [how: string, hide: Hide][] = [
  ['hides', () => them.client.patch('me/visibility', { profile_visibility: 'hidden' })],
  ['blocks me', () => them.client.post(`messages/users/${me.id}/block`)],
];

type Ask = (name: string, from?: Person) => Promise<Answer>;
/** Every route that names a person, with its status for one who can be named. */
const ROUTES: [route: string, status: number, ask: Ask][] = [
  ['can-message', 200, (name, from = me) => from.client.get(`members/${name}/can-message`)],
  ['conversation', 200, (name, from = me) => from.client.get(`messages/conversation/${name}`)],
  [
    'send',
    201,
    (name, from = me) => from.client.post('messages/send', { recipient: name, content: 'Hello' }),
  ],
  ['start a thread', 201, (name, from = me) => from.client.post('messages/threads', { recipient_id: name })],
  [
    'make a group',
    201,
    (name, from = me) =>
      from.client.post('messages/threads', { participant_ids: [friend.id, name], subject: 'Group' }),
  ],
  [
    'add to a group',
    201,
    (name, from = me) => from.client.post(`messages/threads/${ownGroup}/participants`, { user_id: name }),
  ],
  ['block', 204, (name, from = me) => from.client.post(`messages/users/${name}/block`)],
  ['unblock', 204, (name, from = me) => from.client.delete(`messages/users/${name}/block`)],
];

/** Without what is of one request alone, or only repeats the name. */
function comparable({ status, body, headers }: Answer, name: string) {
  const { request_id: _id, ...rest } = body as Record<string, unknown>;
  const { date: _date, 'x-request-id': _request, ratelimit: _limit, ...kept } = headers;
  return { status, headers: kept, body: JSON.stringify(rest).replaceAll(name, 'NAME') };
}

describe.each(HIDES)('somebody who %s, and shares no thread with me,', (_how, hide) => {
  it.each(ROUTES)('is for "%s" the same 404 as somebody who does not exist', async (_route, status, ask) => {
    expect((await hide()).status).toBeLessThan(300);
    for (const [name, missing] of [
      [them.id, uuid()],
      [them.username, `x${them.username.slice(1)}`],
    ] as const) {
      const answer = comparable(await ask(name), name);
      expect(answer.status).toBe(404);
      expect({ ...answer, headers: { ...answer.headers, 'content-length': 0 } }).toEqual({
        ...comparable(await ask(missing), missing),
        headers: { ...answer.headers, 'content-length': 0 },
      });
    }
    expect(status).toBeLessThan(300);
  });

  it('is not told from nobody by removing them from a group, whoever runs it', async () => {
    await hide();
    for (const group of [ownGroup, foreignGroup]) {
      const remove = (name: string) => me.client.delete(`messages/threads/${group}/participants/${name}`);
      const [one, other] = [await remove(them.username), await remove('nobody-has-this')];
      expect(comparable(one, them.username)).toEqual(comparable(other, 'nobody-has-this'));
      expect(one.status).toBe(group === ownGroup ? 404 : 403);
    }
  });

  it('can be named by who manages members', async () => {
    const manager = await person(api, organization, { role: 'admin' });
    await hide();
    await them.client.post(`messages/users/${manager.id}/block`);
    expect((await manager.client.get(`members/${them.id}/can-message`)).body).toMatchObject({
      allowed: false,
      code: 'recipient_unavailable',
    });
    expect((await manager.client.post(`messages/users/${them.id}/block`)).status).toBe(204);
  });
});

describe('somebody hidden who shares a thread with me', () => {
  const hide = HIDES[0]![1];

  it('can be named by every route: they have written to me', async () => {
    await send(them, me, 'Hello');
    await hide();
    for (const [route, status, ask] of ROUTES.filter(([name]) => name !== 'start a thread'))
      expect([route, (await ask(them.id)).status]).toEqual([route, status]);
    expect((await me.client.post('messages/threads', { recipient_id: them.id })).status).toBe(200);
  });

  it.each(ROUTES)(
    'can be named for "%s" while both are in a group, and no longer',
    async (_r, status, ask) => {
      const group = await startGroup(friend, [me, them]);
      await hide();
      expect((await ask(them.username)).status).toBe(status);
      const other = await person(api, organization);
      const left = await startGroup(friend, [other, them]);
      await other.client.delete(`messages/threads/${left}/participants/${other.id}`);
      expect((await ask(them.username, other)).status).toBe(404);
      expect(group).not.toBe(left);
    },
  );

  it('is blocked by those to whom they wrote, and unblocked also after they hid without a thread', async () => {
    await me.client.post(`messages/users/${them.id}/block`);
    await hide();
    expect((await me.client.post('messages/send', { recipient: them.id, content: 'No' })).body.code).toBe(
      'blocked_by_you',
    );
    expect((await me.client.post(`messages/users/${them.username}/block`)).status).toBe(204);
    expect((await me.client.delete(`messages/users/${them.username}/block`)).status).toBe(204);
    expect((await me.client.delete(`messages/users/${them.username}/block`)).status).toBe(404);
  });

  it('keeps the conversation that there is: posting into it and editing go on', async () => {
    const { thread_id } = await send(me, them, 'Before');
    await hide();
    const id = await post(me, thread_id, 'After');
    expect((await me.client.patch(`messages/${id}`, { content: 'Edited' })).status).toBe(200);
  });
});

it('names oneself as before, also while hidden', async () => {
  await me.client.patch('me/visibility', { profile_visibility: 'hidden' });
  for (const name of [me.id, me.username]) {
    expect((await me.client.get(`members/${name}/can-message`)).status).toBe(400);
    expect((await me.client.post(`messages/users/${name}/block`)).status).toBe(400);
  }
});

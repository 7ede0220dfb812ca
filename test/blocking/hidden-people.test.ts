import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import type { Answer } from '../support/http.js';
import { type Person, person, startGroup } from '../support/people.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let me: Person;
let friend: Person;
let group: string;

beforeAll(async () => {
  organization = await api.build.organization();
  [me, friend] = [await person(api, organization), await person(api, organization)];
  group = await startGroup(me, [friend]);
});

const hide = ({ client }: Person, more: object = {}) =>
  client.patch('me/visibility', { profile_visibility: 'hidden', ...more });

type Ask = (name: string) => Promise<Answer>;

/** Every route that names a person in order to write to them, or to block them. */
const ROUTES: [route: string, ask: Ask][] = [
  ['can-message', (name) => me.client.get(`members/${name}/can-message`)],
  ['conversation', (name) => me.client.get(`messages/conversation/${name}`)],
  ['send', (name) => me.client.post('messages/send', { recipient: name, content: 'Hello' })],
  ['start a thread', (name) => me.client.post('messages/threads', { recipient_id: name })],
  [
    'make a group',
    (name) => me.client.post('messages/threads', { participant_ids: [friend.id, name], subject: 'Group' }),
  ],
  ['add to a group', (name) => me.client.post(`messages/threads/${group}/participants`, { user_id: name })],
  ['block', (name) => me.client.post(`messages/users/${name}/block`)],
  ['unblock', (name) => me.client.delete(`messages/users/${name}/block`)],
];

const statusAndCode = ({ status, body }: Answer) => ({ status, code: body?.code, allowed: body?.allowed });

describe('a hidden person', () => {
  it('looks in the directory like a person who does not exist', async () => {
    const them = await person(api, organization);
    await hide(them);
    for (const name of [them.id, them.username]) {
      const [hidden, missing] = [
        await me.client.get(`members/${name}`),
        await me.client.get(`members/${name === them.id ? uuid() : 'nobody-has-this'}`),
      ];
      for (const answer of [hidden, missing]) delete answer.body.request_id;
      expect(hidden.status).toBe(404);
      expect(hidden.body).toEqual(missing.body);
    }
    expect((await me.client.get(`members?query=${them.username}`)).body.data).toEqual([]);
  });

  it.each(['everyone', 'nobody'])(
    'who accepts messages from %s gets the same responses as a visible one on every route that names them',
    async (accepts_messages_from) => {
      const [hidden, visible] = [await person(api, organization), await person(api, organization)];
      await hide(hidden, { accepts_messages_from });
      await visible.client.patch('me/visibility', { accepts_messages_from });
      for (const [route, ask] of ROUTES) {
        const [one, other] = [await ask(hidden.username), await ask(visible.username)];
        expect({ route, ...statusAndCode(one) }).toEqual({ route, ...statusAndCode(other) });
      }
    },
  );

  it('who accepts no messages is indistinguishable from one who blocks the caller, with or without a thread', async () => {
    const [hidden, blocker] = [await person(api, organization), await person(api, organization)];
    await hide(hidden, { accepts_messages_from: 'nobody' });
    await blocker.client.post(`messages/users/${me.id}/block`);
    const all: [string, Ask][] = [['profile', (name) => me.client.get(`members/${name}`)], ...ROUTES];
    for (const [route, ask] of all) {
      const [one, other] = [await ask(hidden.username), await ask(blocker.username)];
      expect({ route, ...statusAndCode(one) }).toEqual({ route, ...statusAndCode(other) });
    }
  });
});

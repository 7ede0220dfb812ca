import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, send, sight } from '../support/people.js';

const api = useApi({ worker: 'off' });

let organization: TestOrganization;
let blocker: Person;
let blocked: Person;
let other: Person;

beforeEach(async () => {
  organization = await api.build.organization();
  [blocker, blocked, other] = [
    await person(api, organization, { username: 'blocker' }),
    await person(api, organization, { username: 'blocked' }),
    await person(api, organization, { username: 'other' }),
  ];
});

const block = (who: string = blocked.id) => blocker.client.post(`messages/users/${who}/block`);
const unblock = (who: string = blocked.id) => blocker.client.delete(`messages/users/${who}/block`);
const listOf = async ({ client }: Person, query = '') =>
  (await client.get(`messages/users/blocked${query}`)).body as { data: object[]; next_cursor: string | null };

describe('to block and to unblock', () => {
  it('can be repeated, by id and by username', async () => {
    for (const who of [blocked.id, blocked.id, 'blocked', 'BLOCKED'])
      expect((await block(who)).status).toBe(204);
    const shown = { user_id: blocked.id, username: 'blocked', display_name: blocked.display_name };
    const { data } = await listOf(blocker);
    expect(data).toEqual([{ ...shown, blocked_at: expect.any(String) }]);
    for (const who of [blocked.id, 'blocked', blocked.id]) expect((await unblock(who)).status).toBe(204);
    expect((await listOf(blocker)).data).toEqual([]);
  });

  it('refuses oneself with 400 and whoever is not here with 404', async () => {
    const stranger = await api.build.member();
    for (const ask of [block, unblock]) {
      for (const who of [blocker.id, blocker.username]) expect((await ask(who)).status).toBe(400);
      for (const who of [uuid(), 'nobody', stranger.id, stranger.username]) {
        expect(await ask(who)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    }
  });

  it('works with whoever cannot be seen: hidden, or blocking oneself', async () => {
    await blocked.client.patch('me/visibility', { profile_visibility: 'hidden' });
    await other.client.post(`messages/users/${blocker.id}/block`);
    for (const { id } of [blocked, other]) expect((await block(id)).status).toBe(204);
    expect((await listOf(blocker)).data).toHaveLength(2);
  });

  it('records each change once, with who and whom', async () => {
    for (const ask of [block, block, unblock, unblock]) await ask();
    const events = await api.database.query(
      `SELECT type, payload FROM outbox WHERE type LIKE 'user.%blocked' AND organization_id = $1 ORDER BY type`,
      [organization.id],
    );
    const payload = { blocker_id: blocker.id, blocked_id: blocked.id };
    expect(events).toEqual([
      { type: 'user.blocked', payload },
      { type: 'user.unblocked', payload },
    ]);
  });
});

describe('the list of the blocked', () => {
  const rename = (display_name: string) =>
    api
      .platform(organization)
      .put(`members/${blocked.id}`, { username: 'renamed', display_name, role: 'user' });
  const namesOf = async () =>
    (await listOf(blocker)).data.map((one) => {
      const { username, display_name } = one as Record<'username' | 'display_name', string>;
      return [username, display_name];
    });

  it('shows the names of the time of the block, whatever they are called later', async () => {
    const known = ['blocked', blocked.display_name];
    await block();
    expect((await rename('Another Name')).status).toBe(200);
    expect(await namesOf()).toEqual([known]);
    await block();
    expect(await namesOf()).toEqual([known]);
    await unblock();
    await block();
    expect(await namesOf()).toEqual([['renamed', 'Another Name']]);
  });

  it('goes on page by page, without one missing', async () => {
    const people = [blocked, other, await person(api, organization)];
    for (const { id } of people) await block(id);
    const first = await listOf(blocker, '?limit=2');
    const second = await listOf(blocker, `?limit=2&cursor=${first.next_cursor}`);
    const ids = [...first.data, ...second.data].map((one) => (one as { user_id: string }).user_id);
    expect(ids.toSorted()).toEqual(people.map(({ id }) => id).toSorted());
    expect(second.next_cursor).toBeNull();
  });

  it("is one's own: nobody else sees it, not even the blocked or an admin", async () => {
    await block();
    const admin = await person(api, organization, { role: 'admin' });
    for (const anybody of [blocked, other, admin]) expect((await listOf(anybody)).data).toEqual([]);
    expect((await listOf(blocker)).data).toHaveLength(1);
  });
});

describe('while somebody is blocked', () => {
  it('they cannot be written to, and say so', async () => {
    const { thread_id, message_id } = await send(blocker, blocked, 'Before');
    await block();
    const { client } = blocker;
    for (const answer of [
      await client.post('messages/send', { recipient: blocked.id, content: 'No' }),
      await client.post('messages/threads', { recipient_id: blocked.id }),
      await client.post('messages/threads', { participant_ids: [other.id, blocked.id], subject: 'No' }),
      await client.post(`messages/threads/${thread_id}/messages`, { content: 'No' }),
      await client.patch(`messages/${message_id}`, { content: 'No' }),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'blocked_by_you' } });
    }
    expect((await sight(blocked, [thread_id])).histories).toEqual([['Before']]);
  });

  it('they can neither write nor change what they wrote, and it is stored nowhere', async () => {
    const { thread_id, message_id } = await send(blocked, blocker, 'Before');
    await block();
    const { client } = blocked;
    for (const answer of [
      await client.post('messages/send', { recipient: blocker.id, content: 'No' }),
      await client.post(`messages/threads/${thread_id}/messages`, { content: 'No' }),
      await client.patch(`messages/${message_id}`, { content: 'No' }),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'recipient_unavailable' } });
    }
    await unblock();
    expect((await sight(blocker, [thread_id])).histories).toEqual([['Before']]);
    expect((await blocker.client.get(`messages/${message_id}/versions`)).body.data).toEqual([]);
  });

  it('they do not find the profile, and others do', async () => {
    const seen = async ({ client }: Person, who: string) => (await client.get(`members/${who}`)).status;
    const found = async ({ client }: Person) => (await client.get('members?query=blocker')).body.data.length;
    expect([await seen(blocked, blocker.id), await found(blocked)]).toEqual([200, 1]);
    await block();
    const absent = await blocked.client.get(`members/${uuid()}`);
    for (const who of [blocker.id, 'blocker', 'BLOCKER']) {
      const { status, body } = await blocked.client.get(`members/${who}`);
      expect({ status, ...body, request_id: 0 }).toEqual({ ...absent.body, request_id: 0 });
    }
    expect(await found(blocked)).toBe(0);
    expect([await seen(other, blocker.id), await found(other)]).toEqual([200, 1]);
    expect(await seen(blocker, blocked.id)).toBe(200);
    await unblock();
    expect([await seen(blocked, blocker.id), await found(blocked)]).toEqual([200, 1]);
  });
});

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

describe('blocking and unblocking', () => {
  it('can be repeated, by id and by username', async () => {
    for (const who of [blocked.id, blocked.id, 'blocked', 'BLOCKED'])
      expect((await block(who)).status).toBe(204);
    const shown = { user_id: blocked.id, username: 'blocked', display_name: blocked.display_name };
    const { data } = await listOf(blocker);
    expect(data).toEqual([{ ...shown, blocked_at: expect.any(String) }]);
    for (const who of [blocked.id, 'blocked', blocked.id]) expect((await unblock(who)).status).toBe(204);
    expect((await listOf(blocker)).data).toEqual([]);
  });

  it('refuses the caller with 400 and unknown people with 404', async () => {
    const stranger = await api.build.member();
    for (const ask of [block, unblock]) {
      for (const who of [blocker.id, blocker.username]) expect((await ask(who)).status).toBe(400);
      for (const who of [uuid(), 'nobody', stranger.id, stranger.username]) {
        expect(await ask(who)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    }
  });

  it('works for people who are hidden or block the caller', async () => {
    await blocked.client.patch('me/visibility', { profile_visibility: 'hidden' });
    await other.client.post(`messages/users/${blocker.id}/block`);
    for (const { id } of [blocked, other]) expect((await block(id)).status).toBe(204);
    expect((await listOf(blocker)).data).toHaveLength(2);
  });

  it('records each change once, with blocker and blocked', async () => {
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

describe('the list of blocked people', () => {
  const rename = (display_name: string) =>
    api
      .platform(organization)
      .put(`members/${blocked.id}`, { username: 'renamed', display_name, role: 'user' });
  const namesOf = async () =>
    (await listOf(blocker)).data.map((one) => {
      const { username, display_name } = one as Record<'username' | 'display_name', string>;
      return [username, display_name];
    });

  it('shows the names at the time of the block, not later ones', async () => {
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

  it('shows each person once, in pages', async () => {
    const people = [blocked, other, await person(api, organization)];
    for (const { id } of people) await block(id);
    const first = await listOf(blocker, '?limit=2');
    const second = await listOf(blocker, `?limit=2&cursor=${first.next_cursor}`);
    const ids = [...first.data, ...second.data].map((one) => (one as { user_id: string }).user_id);
    expect(ids.toSorted()).toEqual(people.map(({ id }) => id).toSorted());
    expect(second.next_cursor).toBeNull();
  });

  it('is visible only to its owner, not to the blocked people or an admin', async () => {
    await block();
    const admin = await person(api, organization, { role: 'admin' });
    for (const anybody of [blocked, other, admin]) expect((await listOf(anybody)).data).toEqual([]);
    expect((await listOf(blocker)).data).toHaveLength(1);
  });
});

describe('a blocked person', () => {
  it('cannot be written to by the blocker, who gets the reason', async () => {
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

  it('can neither send to the blocker nor edit messages, and nothing is stored', async () => {
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

  it('does not find the profile of the blocker, which others find', async () => {
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

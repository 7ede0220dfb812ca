import { beforeEach, describe, expect, it } from 'vitest';
import { type Person, person, send } from '../support/people.js';
import { useApi } from '../support/api.js';
import { changes, nothing } from './changes-client.js';

const api = useApi();

let [ann, bob]: Person[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob] = await Promise.all([1, 2].map(() => person(api, organization)));
});

describe('a cursor', () => {
  it.each([
    'messages/inbox',
    'messages/threads',
    'messages/unread-count',
    'notifications',
    'notifications/unread-count',
    'preferences',
  ])('of GET %s leads to what changed after it', async (path) => {
    const { headers } = await bob!.client.get(path);
    const cursor = headers['tidings-cursor'] as string;
    await send(ann!, bob!, 'later');
    expect((await changes(bob!, cursor)).threads).toHaveLength(1);
  });

  it('comes with no refused request', async () => {
    const { status, headers } = await api.anybody.get('messages/threads');
    expect([status, headers['tidings-cursor']]).toEqual([401, undefined]);
  });

  it.each(['x', 'bm9wZQ', Buffer.from('["a",1,"5:3:"]').toString('base64url')])(
    'that Tidings did not return is refused: %s',
    async (cursor) => {
      const { status, body } = await bob!.client.get(`realtime/changes?cursor=${cursor}`);
      expect({ status, errors: body.errors }).toMatchObject({ status: 400, errors: [{ field: 'cursor' }] });
    },
  );

  it.each([
    ['of another cluster', ([, at, snapshot]: unknown[]) => ['1.00000001', at, snapshot]],
    ['of the future', ([epoch, at]: unknown[]) => [epoch, at, '9000000000:9000000000:']],
    ['older than 14 days', ([epoch, at, snapshot]: any[]) => [epoch, at - 15 * 86_400, snapshot]],
  ])('%s resets the client', async (_which, change) => {
    const { cursor } = await changes(bob!);
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const changed = Buffer.from(JSON.stringify(change(parts))).toString('base64url');
    const seen = await changes(bob!, changed);
    expect(seen).toMatchObject({ ...nothing, reset: true });
    expect(await changes(bob!, seen.cursor)).toMatchObject(nothing);
  });
});

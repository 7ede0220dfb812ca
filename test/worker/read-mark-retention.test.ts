import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import { type Person, person, send } from '../support/people.js';
import { useOldRows } from './old-rows.js';

const api = useApi({ retentionDays: 100 });

let [ann, bob]: Person[] = [];

beforeEach(async () => {
  const organization = await api.build.organization();
  [ann, bob] = [await person(api, organization), await person(api, organization)];
});

const { clear, age, count } = useOldRows(api, () => ann!.organization.id);

describe('after an old read mark is deleted', () => {
  it('reader and sender see the message as read, with read_at null rather than a wrong time', async () => {
    const first = await send(ann!, bob!, 'one');
    await bob!.client.patch(`messages/${first.message_id}/read`);
    await age('read_marks', 'read_at', 101);
    const second = await send(ann!, bob!, 'two');
    const { body } = await bob!.client.patch(`messages/${second.message_id}/read`);
    await clear();
    expect(await count('read_marks')).toBe(1);

    const messages = async (client: Client) =>
      (await client.get(`messages/threads/${first.thread_id}`)).body.messages as object[];
    expect(await messages(bob!.client)).toMatchObject([
      { content: 'one', is_read: true, read_at: null },
      { content: 'two', is_read: true, read_at: body.read_at },
    ]);
    expect(await messages(ann!.client)).toMatchObject([
      { is_read: true, read_at: null, receipts: [{ user_id: bob!.id, read_at: null }] },
      { is_read: true, read_at: body.read_at, receipts: [{ user_id: bob!.id, read_at: body.read_at }] },
    ]);
    expect((await bob!.client.patch(`messages/${first.message_id}/read`)).body).toEqual({
      message_id: first.message_id,
      is_read: true,
      read_at: null,
    });
    expect((await bob!.client.get('messages/unread-count')).body.unread_count).toBe(0);
  });

  it.each<[string, number[][]]>([
    ['in one run', [[1, 2]]],
    ['in two runs', [[1], [2]]],
    ['in two runs, the newer one first', [[2], [1]]],
  ])('all other read times stay exact if two marks are deleted %s', async (_how, removals) => {
    const carol = await api.build.member({ organization: ann!.organization });
    const asCarol = await api.as(carol);
    const participant_ids = [bob!.id, carol.id];
    const { body: group } = await ann!.client.post('messages/threads', { participant_ids, subject: 'Us' });
    const direct = await send(ann!, bob!, 'direct');
    const read = async (client: Client, id: string) =>
      (await client.patch(`messages/${id}/read`)).body.read_at as string;
    const readDirect = await read(bob!.client, direct.message_id);
    const [times, ids]: [{ bob: string; carol: string }[], string[]] = [[], []];
    for (const content of ['one', 'two', 'three']) {
      const { body } = await ann!.client.post(`messages/threads/${group.id}/messages`, { content });
      times.push({ carol: await read(asCarol, body.id), bob: await read(bob!.client, body.id) });
      ids.push(body.id as string);
    }

    for (const seqs of removals) {
      await age(
        'read_marks',
        'read_at',
        101,
        `thread_id = '${group.id}' AND user_id = '${bob!.id}' AND seq IN (${seqs.join()})`,
      );
      await clear();
    }

    const receipts = async (threadId: string) => {
      const { messages } = (await ann!.client.get(`messages/threads/${threadId}`)).body as {
        messages: { receipts: { user_id: string; read_at: string | null }[] }[];
      };
      return messages.map((message) =>
        Object.fromEntries(message.receipts.map(({ user_id, read_at }) => [user_id, read_at])),
      );
    };
    expect(await receipts(group.id as string)).toEqual([
      { [bob!.id]: null, [carol.id]: times[0]!.carol },
      { [bob!.id]: null, [carol.id]: times[1]!.carol },
      { [bob!.id]: times[2]!.bob, [carol.id]: times[2]!.carol },
    ]);
    expect(await receipts(direct.thread_id)).toEqual([{ [bob!.id]: readDirect }]);
    expect(await Promise.all(ids.map((id) => read(bob!.client, id)))).toEqual([null, null, times[2]!.bob]);
  });
});

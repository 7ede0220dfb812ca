import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

const api = useApi({ worker: 'off' });

let ann: Person;
let ben: Person;
let cas: Person;
let group: string;
let ids: string[];

/** A group of Ann and Ben with three messages of Ann. */
beforeEach(async () => {
  const organization = await api.build.organization();
  const someone = () => person(api, organization);
  [ann, ben, cas] = [await someone(), await someone(), await someone()];
  group = await startGroup(ann, [ben]);
  ids = [];
  for (const content of ['One', 'Two', 'Three']) ids.push(await post(ann, group, content));
});

const path = () => `messages/threads/${group}`;
const seen = async (who: Person) => (await who.client.get(path())).body as Record<string, any>;
const listed = async (who: Person) =>
  ((await who.client.get('messages/threads')).body.data as Record<string, any>[]).find(
    ({ id }) => id === group,
  );
const read = (who: Person, up_to?: string) => who.client.post(`${path()}/read`, { up_to });
const leave = (who: Person) => who.client.delete(`${path()}/participants/${who.id}`);
const add = (who: Person) => ann.client.post(`${path()}/participants`, { user_id: who.id });

describe('last_seq and last_read_seq of a thread', () => {
  it('are the newest message and the read mark of the caller, in every response with the thread', async () => {
    await read(ben, ids[1]);
    const expected = { last_seq: 3, last_read_seq: 2, last_message: { id: ids[2], seq: 3 }, unread_count: 1 };
    expect(await seen(ben)).toMatchObject(expected);
    expect(await listed(ben)).toMatchObject(expected);
    expect((await ben.client.patch(path(), { archived: false })).body).toMatchObject(expected);
    expect((await add(cas)).body).toMatchObject({ last_seq: 3, last_read_seq: 0 });
    const opened = await ann.client.post('messages/threads', { recipient_id: ben.id });
    expect(opened.body).toMatchObject({ last_seq: 0, last_read_seq: 0, last_message: null });
  });

  it('are the newest message of the past for a person who has just joined', async () => {
    await add(cas);
    expect(await seen(cas)).toMatchObject({
      last_seq: 3,
      last_read_seq: 3,
      last_message: null,
      messages: [],
    });
  });

  it('are those of when a former participant left, who can still read up to there', async () => {
    await leave(ben);
    await post(ann, group, 'Four');
    expect(await seen(ben)).toMatchObject({ last_seq: 3, last_read_seq: 0, last_message: { seq: 3 } });
    await read(ben);
    expect(await seen(ben)).toMatchObject({ last_seq: 3, last_read_seq: 3 });
    expect(await listed(ben)).toMatchObject({ last_seq: 3, last_read_seq: 3 });
  });

  it('are in the inbox, too', async () => {
    const { thread_id } = await send(ann, ben, 'One');
    await send(ben, ann, 'Two');
    await ann.client.post(`messages/threads/${thread_id}/read`);
    const conversations = async ({ client }: Person) =>
      (await client.get('messages/inbox')).body.conversations;
    expect(await conversations(ann)).toMatchObject([{ last_seq: 2, last_read_seq: 2 }]);
    expect(await conversations(ben)).toMatchObject([{ last_seq: 2, last_read_seq: 0 }]);
  });
});

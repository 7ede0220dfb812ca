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

describe('the read marks of a thread', () => {
  const marks = async (who: Person) => (await seen(who))['read_marks'] as Record<string, any>[];
  /** The last message with a receipt of each person, furthest first. */
  const lastReceipts = async (who: Person) => {
    const last = new Map<string, object>();
    for (const { seq, receipts } of (await seen(who))['messages'].toReversed() as Record<string, any>[])
      for (const { user_id, read_at } of receipts)
        if (!last.has(user_id)) last.set(user_id, { user_id, seq, read_at });
    return [...last.values()];
  };
  const share = (who: Person, share_read_receipts: boolean) =>
    who.client.patch('me/visibility', { share_read_receipts });

  it('say how far each person has read and when, furthest first, as the receipts do', async () => {
    await add(cas);
    expect(await marks(ann)).toEqual([]);
    await post(ann, group, 'Four');
    await read(ben, ids[0]);
    await read(ben, ids[1]);
    await read(cas);
    const expected = [
      { user_id: cas.id, seq: 4, read_at: expect.any(String) },
      { user_id: ben.id, seq: 2, read_at: expect.any(String) },
    ];
    for (const who of [ann, ben]) {
      expect(await marks(who)).toEqual(expected);
      expect(await lastReceipts(who)).toEqual(await marks(who));
    }
    await ben.client.post(`messages/users/${cas.id}/block`);
    await cas.client.post(`messages/users/${ann.id}/block`);
    for (const who of [ann, ben]) expect(await lastReceipts(who)).toEqual(await marks(who));
    expect(await marks(ann)).toEqual(expected);
  });

  it('leave out people who do not share read receipts, but not the caller', async () => {
    await read(ben);
    await share(ben, false);
    expect(await marks(ann)).toEqual([]);
    expect(await marks(ben)).toMatchObject([{ user_id: ben.id, seq: 3 }]);
    await share(ben, true);
    expect(await marks(ann)).toMatchObject([{ user_id: ben.id, seq: 3 }]);
  });

  it('are for a former participant those of when they left, also of people who join again', async () => {
    await add(cas);
    await post(ann, group, 'Four');
    await read(ben, ids[1]);
    await read(cas);
    await leave(cas);
    const before = await marks(cas);
    expect(before).toMatchObject([
      { user_id: cas.id, seq: 4 },
      { user_id: ben.id, seq: 2 },
    ]);
    await read(ben);
    await leave(ben);
    await add(ben);
    await post(ann, group, 'Five');
    await read(ben);
    expect(await marks(cas)).toEqual(before);
    expect(await lastReceipts(cas)).toMatchObject([{ user_id: cas.id, seq: 4 }]);
    expect(await marks(ann)).toMatchObject([
      { user_id: ben.id, seq: 5 },
      { user_id: cas.id, seq: 4 },
    ]);
  });

  it('do not count as reading that a person joined again, or removed a left group from their list', async () => {
    await read(ben, ids[0]);
    await leave(ben);
    await ben.client.delete(path());
    expect(await marks(ann)).toMatchObject([{ user_id: ben.id, seq: 1 }]);
    expect(await lastReceipts(ann)).toEqual(await marks(ann));
    await add(ben);
    expect(await marks(ann)).toEqual([]);
    expect(await lastReceipts(ann)).toEqual([]);
  });

  it('are for a former participant not those of an earlier stay of the reader', async () => {
    await add(cas);
    await read(ben, ids[0]);
    for (const change of [() => leave(ben), () => add(ben), () => leave(cas)]) await change();
    expect(await marks(cas)).toEqual([]);
    for (const change of [() => leave(ben), () => add(ben)]) await change();
    expect(await marks(cas)).toEqual([]);
  });

  it('have no time once retention has deleted it', async () => {
    await read(ben);
    await api.database.query(
      `WITH gone AS (DELETE FROM read_marks WHERE thread_id = $1 RETURNING seq)
       UPDATE participants SET read_marks_from = seq FROM gone WHERE thread_id = $1 AND user_id = $2`,
      [group, ben.id],
    );
    expect(await marks(ann)).toEqual([{ user_id: ben.id, seq: 3, read_at: null }]);
    await leave(ben);
    await ben.client.delete(path());
    expect(await marks(ann)).toEqual([{ user_id: ben.id, seq: 3, read_at: null }]);
  });

  it('are at most the 100 that are furthest', async () => {
    await api.database.query(
      `WITH person AS (SELECT gen_random_uuid() AS id, number FROM generate_series(1, 110) AS number),
       known AS (INSERT INTO users (id) SELECT id FROM person),
       member AS (
         INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
         SELECT $1, id, 'p.' || id, 'p.' || id, 'Person', 'user' FROM person)
       INSERT INTO participants (organization_id, thread_id, user_id, last_read_seq, last_read_at)
       SELECT $1, $2, id, CASE WHEN number <= 105 THEN 2 ELSE 3 END, now() FROM person`,
      [ann.organization.id, group],
    );
    await read(ben, ids[0]);
    const seqs = (await marks(ann)).map(({ seq }) => seq as number);
    expect(seqs).toEqual([...Array.from({ length: 5 }, () => 3), ...Array.from({ length: 95 }, () => 2)]);
    expect((await listed(ann))!['read_marks']).toBeUndefined();
  });
});

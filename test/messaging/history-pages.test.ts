import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

const api = useApi({ worker: 'off' });

let ann: Person;
let ben: Person;
let cas: Person;
let group: string;
let ids: string[];

/** A group with seven messages: the third and the fifth are Cas's, the others Ann's. */
beforeEach(async () => {
  const organization = await api.build.organization();
  const someone = () => person(api, organization);
  [ann, ben, cas] = [await someone(), await someone(), await someone()];
  group = await startGroup(ann, [ben, cas]);
  ids = [];
  for (let seq = 1; seq <= 7; seq++)
    ids.push(await post([3, 5].includes(seq) ? cas : ann, group, `message ${seq}`));
});

interface Shown {
  seqs: number[];
  next: string | null;
}

async function page(who: Person, query: string, path = `threads/${group}`): Promise<Shown> {
  const { status, body } = await who.client.get(`messages/${path}?${query}`);
  expect(status).toBe(200);
  const messages = body.messages as { seq: number }[];
  return { seqs: messages.map(({ seq }) => seq), next: body.next_cursor };
}

/** The seqs of this page and of those that its cursor leads to. */
async function pages(who: Person, query: string, limit: number): Promise<number[][]> {
  const { seqs, next } = await page(who, `${query}&limit=${limit}`);
  return next === null ? [seqs] : [seqs, ...(await pages(who, `cursor=${next}`, limit))];
}

describe('after_seq', () => {
  it('returns the messages after it, oldest first, and its cursor leads to the newest', async () => {
    expect(await pages(ben, 'after_seq=2', 2)).toEqual([[3, 4], [5, 6], [7]]);
    expect(await pages(ben, 'after_seq=0', 4)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7],
    ]);
    expect(await pages(ben, 'after_seq=5', 2)).toEqual([[6, 7]]);
    for (const seq of [7, 8, 999_999_999]) expect(await pages(ben, `after_seq=${seq}`, 2)).toEqual([[]]);
  });

  it('finds what was sent since the last page, from the seq of its last message', async () => {
    expect(await page(ben, 'after_seq=7')).toEqual({ seqs: [], next: null });
    await post(ann, group, 'message 8');
    expect(await page(ben, 'after_seq=7')).toEqual({ seqs: [8], next: null });
  });

  it('leaves out hidden messages, and those of people whom the reader blocks', async () => {
    await ben.client.delete(`messages/${ids[3]}?scope=me`);
    await ben.client.post(`messages/users/${cas.id}/block`);
    expect(await pages(ben, 'after_seq=1', 2)).toEqual([[2, 6], [7]]);
  });

  it('begins after the last joining, and ends where a former participant left', async () => {
    const participants = `messages/threads/${group}/participants`;
    await cas.client.delete(`${participants}/${cas.id}`);
    await post(ann, group, 'message 8');
    expect(await pages(cas, 'after_seq=5', 10)).toEqual([[6, 7]]);
    await ann.client.post(participants, { user_id: cas.id });
    await post(ann, group, 'message 9');
    expect(await pages(cas, 'after_seq=5', 10)).toEqual([[9]]);
  });
});

describe('around_seq', () => {
  it('returns half of the messages before it and half from there on, and its cursor leads to older ones', async () => {
    expect(await pages(ben, 'around_seq=5', 4)).toEqual([
      [3, 4, 5, 6],
      [1, 2],
    ]);
    expect(await pages(ben, 'around_seq=4', 3)).toEqual([
      [3, 4, 5],
      [1, 2],
    ]);
    expect(await pages(ben, 'around_seq=3', 1)).toEqual([[3], [2], [1]]);
  });

  it('returns fewer at either end of the thread', async () => {
    expect(await pages(ben, 'around_seq=1', 4)).toEqual([[1, 2]]);
    expect(await pages(ben, 'around_seq=1', 1)).toEqual([[1]]);
    expect((await page(ben, 'around_seq=7&limit=4')).seqs).toEqual([5, 6, 7]);
    expect((await page(ben, 'around_seq=100&limit=4')).seqs).toEqual([6, 7]);
  });

  it('surrounds a message that the reader does not see with those that they see', async () => {
    await ben.client.delete(`messages/${ids[3]}?scope=me`);
    await ben.client.post(`messages/users/${cas.id}/block`);
    expect((await page(ben, 'around_seq=4&limit=4')).seqs).toEqual([1, 2, 6, 7]);
  });
});

it('a page that finds no visible message among a thousand still leads to those behind them', async () => {
  await api.database.query(
    `WITH sent AS (
       INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, content)
       SELECT $1, $2, seq, gen_random_uuid(), $3, 'x' FROM generate_series(8, 2200) AS seq RETURNING seq
     ), grown AS (UPDATE threads SET last_seq = 2200 WHERE id = $2)
     INSERT INTO hidden_messages (organization_id, thread_id, user_id, seq)
     SELECT $1, $2, $4, seq FROM sent WHERE seq < 2200`,
    [ann.organization.id, group, ann.id, ben.id],
  );
  expect(await pages(ben, 'after_seq=5', 5)).toEqual([[6, 7], [], [2200]]);
  expect(await pages(ben, 'around_seq=1100', 4)).toEqual([[], [4, 5, 6, 7], [1, 2, 3]]);
});

it('a conversation takes both, too', async () => {
  for (let seq = 1; seq <= 3; seq++) await send(ann, ben, `message ${seq}`);
  const path = `conversation/${ann.id}`;
  expect(await page(ben, 'after_seq=1', path)).toEqual({ seqs: [2, 3], next: null });
  expect((await page(ben, 'around_seq=2&limit=2', path)).seqs).toEqual([1, 2]);
  expect(await page(ben, 'after_seq=1', `conversation/${cas.id}`)).toEqual({ seqs: [], next: null });
});

it.each([
  ['after_seq=1&around_seq=2', 'around_seq'],
  ['cursor=MQ&after_seq=1', 'after_seq'],
  ['cursor=MQ&around_seq=1', 'around_seq'],
  ['after_seq=-1', 'after_seq'],
  ['around_seq=0', 'around_seq'],
  ['around_seq=x', 'around_seq'],
])('%s gets 400 with the field %s', async (query, field) => {
  for (const path of [`threads/${group}`, `conversation/${ann.id}`]) {
    const answer = await ben.client.get(`messages/${path}?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed', errors: [{ field }] } });
  }
});

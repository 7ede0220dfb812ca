import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import type { Answer } from '../support/http.js';
import { type Person, person, send } from '../support/people.js';

const api = useApi({ worker: 'off' });
const REASON = { 'X-Access-Reason': 'Complaint 2031' };
const MAX_VERSIONS = 200;

let organization: TestOrganization;
let ann: Person;
let ben: Person;
let overseer: Person;
let message: string;

beforeEach(async () => {
  organization = await api.build.organization();
  await api.platform(organization).put('admin/roles/overseer', { permissions: ['messages:monitor'] });
  [ann, ben, overseer] = [
    await person(api, organization),
    await person(api, organization),
    await person(api, organization, { role: 'overseer' }),
  ];
  message = (await send(ann, ben, 'content 1')).message_id;
});

const edit = (content: string) => ann.client.patch(`messages/${message}`, { content });

/** Stores versions as edits would; the current content is that of the last edit. */
async function editTimes(count: number): Promise<void> {
  await api.database.query(
    `INSERT INTO message_versions (organization_id, message_id, version, content, written_at)
     SELECT $1, $2, number, 'content ' || number, now() FROM generate_series(1, $3::integer) AS number`,
    [organization.id, message, count],
  );
}

const contentsOf = ({ body }: { body: any }) =>
  (body.data as { content: string }[]).map(({ content }) => content);
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `content ${from + index}`);

const READERS: [who: string, path: () => string, client: () => Client][] = [
  ['a participant', () => `messages/${message}/versions`, () => ben.client],
  ['an overseer', () => `admin/messages/${message}/versions`, () => overseer.client.with(REASON)],
];

describe.each(READERS)('the versions of a message, for %s,', (_who, path, client) => {
  it('are listed in pages, oldest first', async () => {
    await editTimes(45);
    const first = await client().get(path());
    expect(contentsOf(first)).toEqual(numbered(1, 20));
    const second = await client().get(`${path()}?limit=25&cursor=${first.body.next_cursor}`);
    expect(contentsOf(second)).toEqual(numbered(21, 45));
    expect(second.body.next_cursor).toBeNull();
  });

  it('get 400 for an invalid limit or cursor', async () => {
    for (const query of ['limit=0', 'limit=101', 'cursor=x', 'cursor=MA', 'cursor=LTE']) {
      expect(await client().get(`${path()}?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'validation_failed' },
      });
    }
  });
});

describe('the number of edits of a message', () => {
  it('is limited, and one edit more gets 409 and stores nothing', async () => {
    await editTimes(MAX_VERSIONS - 1);
    expect((await edit('the last edit')).status).toBe(200);
    const refused = await edit('one too many');
    expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(refused.body.detail).toContain('200');
    expect((await edit('the last edit')).status).toBe(200);
    const [stored] = await api.database.query(
      `SELECT content, (SELECT count(*)::int FROM message_versions WHERE message_id = messages.id) AS versions
       FROM messages WHERE id = $1`,
      [message],
    );
    expect(stored).toEqual({ content: 'the last edit', versions: MAX_VERSIONS });
  });

  it('is not exceeded by concurrent edits', async () => {
    await editTimes(MAX_VERSIONS - 3);
    const answers = await Promise.all(numbered(1000, 1009).map(edit));
    const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
    expect(statuses).toEqual([200, 200, 200, ...Array.from({ length: 7 }, () => 409)]);
  });
});

it('replaces the text of an edit after it was written, also by an edit that began before and waited', async () => {
  const waiting = () =>
    api.database.query(
      `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
       WHERE datname = current_database() AND relation = 'messages'::regclass AND locktype = 'tuple' AND NOT granted`,
    );
  await api.database.query('BEGIN');
  let edits: Promise<Answer>[];
  try {
    await api.database.query('SELECT FROM messages WHERE id = $1 FOR UPDATE', [message]);
    edits = [edit('content 2'), edit('content 3')];
    // The first waits for this transaction, the second for the first.
    await expect.poll(waiting, { interval: 5 }).toHaveLength(1);
  } finally {
    await api.database.query('COMMIT');
  }
  for (const answer of await Promise.all(edits)) expect(answer.status).toBe(200);
  const versions = await api.database.query(
    `SELECT version, replaced_at >= written_at AS is_ordered FROM message_versions
     WHERE message_id = $1 ORDER BY version`,
    [message],
  );
  expect(versions).toEqual([
    { version: 1, is_ordered: true },
    { version: 2, is_ordered: true },
  ]);
});

describe('oversight of versions', () => {
  const read = (id = message, caller = overseer.client) =>
    caller.with(REASON).get(`admin/messages/${id}/versions`);
  const entries = () =>
    api.database.query(
      `SELECT user_id, action, target_type, target_id, reason, details FROM audit_entries
       WHERE organization_id = $1 AND action = 'message.read_versions' ORDER BY id`,
      [organization.id],
    );

  it('shows earlier texts of a message, even after it was deleted for everyone', async () => {
    await edit('content 2');
    await edit('content 3');
    expect(contentsOf(await read())).toEqual(['content 1', 'content 2']);
    await ann.client.delete(`messages/${message}?scope=everyone`);
    expect(contentsOf(await ben.client.get(`messages/${message}/versions`))).toEqual([]);
    expect(contentsOf(await read())).toEqual(['content 1', 'content 2']);
  });

  it('adds one audit entry per request with the versions shown and the reason', async () => {
    await editTimes(3);
    await overseer.client.with(REASON).get(`admin/messages/${message}/versions?limit=2`);
    expect(await entries()).toEqual([
      {
        user_id: overseer.id,
        action: 'message.read_versions',
        target_type: 'message',
        target_id: message,
        reason: 'Complaint 2031',
        details: { thread_id: expect.any(String), versions: [1, 2] },
      },
    ]);
  });

  it('requires the permission and a reason, and records nothing without', async () => {
    expect((await read(message, ben.client)).status).toBe(403);
    const answer = await overseer.client.get(`admin/messages/${message}/versions`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'reason_required' } });
    expect(await entries()).toEqual([]);
  });

  it('answers 404 for foreign and unknown messages, and records nothing', async () => {
    const elsewhere = await api.build.organization();
    const [one, other] = [await person(api, elsewhere), await person(api, elsewhere)];
    const { message_id } = await send(one, other, 'Elsewhere');
    for (const id of [message_id, uuid()]) expect((await read(id)).status).toBe(404);
    expect(await entries()).toEqual([]);
  });

  it('shares the rate limit of oversight', async () => {
    const statuses: number[] = [];
    for (let request = 0; request < 31; request++) statuses.push((await read()).status);
    expect(statuses).toEqual([...Array.from({ length: 30 }, () => 200), 429]);
  });
});

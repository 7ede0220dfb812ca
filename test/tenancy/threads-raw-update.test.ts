import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { Asker } from '../support/database.js';
import type { Person } from '../support/people.js';
import { TABLES, type Table, type World, as, buildWorld, runAs, wide } from './threads-world.js';

const api = useApi();

let home: World;

beforeAll(async () => {
  home = await buildWorld(api);
});

const run = (asker: Asker, sql: string, values?: unknown[]) => runAs(api, asker, sql, values);

describe('a message of somebody else', () => {
  it('cannot be changed by a reader, nor be given an earlier version', async () => {
    const { ann, ben, withBen, organization } = home;
    const change = (asker: Person) =>
      run(as(asker), `UPDATE messages SET content = 'x' WHERE thread_id = $1 RETURNING sender_id`, [withBen]);
    expect(await change(ann)).toEqual([{ sender_id: ann.id }]);
    expect(await change(ben)).toEqual([{ sender_id: ben.id }]);
    const [toBen] = await api.database.query<{ id: string }>(
      'SELECT id FROM messages WHERE thread_id = $1 AND sender_id = $2',
      [withBen, ann.id],
    );
    const version = (asker: Person) =>
      run(as(asker), `INSERT INTO message_versions VALUES ($1, $2, 9, 'x', now()) RETURNING true`, [
        organization.id,
        toBen!.id,
      ]);
    expect(await version(ann)).toHaveLength(1);
    await expect(version(ben)).rejects.toThrow('row-level security');
  });
});

describe('UPDATE and DELETE without a WHERE clause, as the role of requests,', () => {
  it.each([
    ['messages', `content = 'x'`, 1],
    ['threads', `subject = 'x'`, 2],
    ['participants', 'muted_until = now()', 5],
  ])('change only the rows of %s that the person can see', async (table, change, count) => {
    expect(await run(as(home.ann), `UPDATE ${table} SET ${change} RETURNING true`)).toHaveLength(count);
    expect(await run(as(home.dan), `UPDATE ${table} SET ${change} RETURNING true`)).toEqual([]);
  });

  it.each([
    ...['sender_id', 'id', 'thread_id', 'organization_id', 'reply_to_id'].map((name) => ['messages', name]),
    ...['seq', 'subject', 'client_token', 'request_hash', 'created_at'].map((name) => ['messages', name]),
    ...['organization_id', 'id', 'kind', 'pair_low', 'pair_high'].map((name) => ['threads', name]),
    ...['organization_id', 'thread_id', 'user_id', 'partner_id'].map((name) => ['participants', name]),
    ...['seq', 'user_id', 'read_at'].map((name) => ['read_marks', name]),
    ...['seq', 'user_id'].map((name) => ['hidden_messages', name]),
    ['message_versions', 'content'],
    ...['subject', 'changed_by', 'version'].map((name) => ['thread_subjects', name]),
    ['threads', 'subject_version'],
    ['blocks', 'blocker_id'],
  ])('cannot change %s.%s', async (table, column) => {
    for (const asker of [as(home.ann), wide(home)]) {
      await expect(run(asker, `UPDATE ${table} SET ${column} = NULL`)).rejects.toThrow('permission denied');
    }
  });

  it('delete your own blocks, and no message, read mark or version', async () => {
    const { ann, cas } = home;
    expect(await run(as(ann), 'DELETE FROM blocks RETURNING blocked_id')).toEqual([{ blocked_id: cas.id }]);
    const retained: Table[] = ['message_versions', 'read_marks'];
    for (const table of retained)
      expect(await run(as(ann), `DELETE FROM ${table} RETURNING true`)).toEqual([]);
    for (const table of TABLES.filter((one) => one !== 'blocks' && !retained.includes(one))) {
      await expect(run(as(ann), `DELETE FROM ${table}`), table).rejects.toThrow('permission denied');
    }
  });
});

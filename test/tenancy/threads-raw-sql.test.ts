import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { useApi } from '../support/api.js';
import type { Asker } from '../support/database.js';
import type { Person } from '../support/people.js';
import { type World, as, buildWorld, wide } from './threads-world.js';

const api = useApi();

/** What tells the rows of each table apart. */
const ROWS = {
  threads: `coalesce(subject, 'direct')`,
  thread_subjects: 'subject',
  participants: 'user_id::text',
  messages: 'content',
  message_versions: 'content',
  hidden_messages: 'seq::text',
  read_marks: 'seq::text',
  blocks: 'blocked_id::text',
};
type Table = keyof typeof ROWS;
const TABLES = Object.keys(ROWS) as Table[];

let home: World;
let abroad: World;

beforeAll(async () => {
  [home, abroad] = [await buildWorld(api), await buildWorld(api)];
});

const seen = (asker: Asker, table: Table): Promise<string[]> =>
  api.database.asRequestRole(asker, async (query) => {
    const rows = await query<{ shown: string }>(`SELECT ${ROWS[table]} AS shown FROM ${table}`);
    return rows.map(({ shown }) => shown).toSorted();
  });

const run = (asker: Asker, sql: string, values?: unknown[]): Promise<object[]> =>
  api.database.asRequestRole(asker, (query) => query(sql, values));

describe('a query without a WHERE clause', () => {
  it('shows a person the threads that they are or were in, and of a group the time that they were in it', async () => {
    const { ann, ben, cas } = home;
    const group = [ann.id, ben.id, cas.id];
    const expected: Record<Table, string[]> = {
      threads: ['Group', 'direct'],
      thread_subjects: ['Group', 'Meanwhile'],
      participants: [...group, ann.id, ben.id].toSorted(),
      messages: ['Meanwhile', 'To ann', 'To ben'],
      message_versions: ['Meanwhile, once', 'To ben, once'],
      hidden_messages: ['1'],
      read_marks: ['2', '2'],
      blocks: [cas.id],
    };
    for (const table of TABLES) {
      expect({ table, seen: await seen(as(ann), table) }).toEqual({ table, seen: expected[table] });
    }
    expect(await seen(as(cas), 'messages')).toEqual(['After', 'Before', 'Meanwhile', 'To cas']);
    expect(await seen(as(cas), 'message_versions')).toHaveLength(4);
    expect(await seen(as(cas), 'thread_subjects')).toEqual(['After', 'Group', 'Group', 'Meanwhile']);
  });

  it('shows nothing to who is in nothing, and nothing where the person or the organization is not set', async () => {
    const { organization, ann, dan } = home;
    const strangers = [as(dan), { organizationId: organization.id }, { userId: ann.id }, {}];
    const mixed = { organizationId: abroad.organization.id, userId: ann.id };
    for (const asker of [...strangers, mixed]) {
      for (const table of TABLES) {
        expect({ table, asker, seen: await seen(asker, table) }).toEqual({ table, asker, seen: [] });
      }
    }
  });

  it('shows all of its organization to the organization as a whole, and of no other', async () => {
    for (const table of TABLES) {
      const all = await api.database.query(`SELECT * FROM ${table} WHERE organization_id = $1`, [
        home.organization.id,
      ]);
      const shown = await run(wide(home), `SELECT * FROM ${table}`);
      expect(all.length, table).toBeGreaterThan(0);
      expect(new Set(shown.map((row) => JSON.stringify(row))), table).toEqual(
        new Set(all.map((row) => JSON.stringify(row))),
      );
    }
  });
});

const MESSAGE = `INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, content)
                 VALUES ($1, $2, 100, $3, $4, 'Written past the code') RETURNING true`;

describe('a row in the name of somebody else, or in a thread of others,', () => {
  const write = (
    asker: Person,
    threadId: string,
    senderId: string | null,
    organization = home.organization,
  ) => run(as(asker), MESSAGE, [organization.id, threadId, uuid(), senderId]);

  it('is refused, where one of their own in their own thread is taken', async () => {
    const { ann, ben, cas, withBen, withoutAnn, group } = home;
    expect(await write(ann, withBen, ann.id)).toHaveLength(1);
    expect(await write(cas, group, cas.id)).toHaveLength(1);
    for (const refused of [
      () => write(ann, withBen, ben.id),
      () => write(ann, withBen, null),
      () => write(ann, withoutAnn, ann.id),
      () => write(ann, withoutAnn, ben.id),
      // She has left.
      () => write(ann, group, ann.id),
      () => write(ann, abroad.withBen, ann.id),
      () => write(ann, abroad.withBen, abroad.ann.id, abroad.organization),
    ]) {
      await expect(refused()).rejects.toThrow('row-level security');
    }
  });

  it('is refused to the organization as a whole too, where its sender is not in the thread', async () => {
    const { organization, ann, ben, withBen, withoutAnn, group } = home;
    const writeFor = (threadId: string, senderId: string | null) =>
      run(wide(home), MESSAGE, [organization.id, threadId, uuid(), senderId]);
    expect(await writeFor(withBen, ben.id)).toHaveLength(1);
    for (const refused of [
      () => writeFor(withoutAnn, ann.id),
      () => writeFor(group, ann.id),
      () => writeFor(withBen, null),
    ]) {
      await expect(refused()).rejects.toThrow('row-level security');
    }
  });

  it('is refused as a read mark, a hidden message, an earlier version and a block too', async () => {
    const { ann, ben, cas, dan, withBen, withoutAnn } = home;
    const [other] = await api.database.query<{ id: string }>('SELECT id FROM messages WHERE thread_id = $1', [
      withoutAnn,
    ]);
    const organization = home.organization.id;
    const mark = (threadId: string, who: Person): [string, unknown[]] => [
      'INSERT INTO read_marks VALUES ($1, $2, $3, 90, now()) RETURNING true',
      [organization, threadId, who.id],
    ];
    const hide = (threadId: string, who: Person): [string, unknown[]] => [
      'INSERT INTO hidden_messages VALUES ($1, $2, $3, 2) RETURNING true',
      [organization, threadId, who.id],
    ];
    const blockBy = (who: Person): [string, unknown[]] => [
      'INSERT INTO blocks VALUES ($1, $2, $3) RETURNING true',
      [organization, who.id, dan.id],
    ];
    for (const [sql, values] of [mark(withBen, ann), hide(withBen, ann), blockBy(ann)]) {
      expect(await run(as(ann), sql, values)).toHaveLength(1);
    }
    for (const [sql, values] of [
      mark(withBen, ben),
      hide(withBen, ben),
      blockBy(cas),
      [`INSERT INTO message_versions VALUES ($1, $2, 9, 'x', now())`, [organization, other!.id]] as const,
    ]) {
      await expect(run(as(ann), sql, [...values]), sql).rejects.toThrow('row-level security');
    }
  });
});

describe('a subject of a group', () => {
  it('is kept by a rename alone, in the name of who did it, and written by nobody otherwise', async () => {
    const { ben, cas, group, organization } = home;
    await expect(
      run(as(ben), `INSERT INTO thread_subjects VALUES ($1, $2, 9, 'x', $3, now())`, [
        organization.id,
        group,
        cas.id,
      ]),
    ).rejects.toThrow('permission denied');
    const kept = await api.database.asRequestRole(as(ben), async (query) => {
      await query(`UPDATE threads SET subject = 'By ben' WHERE id = $1`, [group]);
      return query(`SELECT version, changed_by FROM thread_subjects WHERE subject = 'By ben'`);
    });
    expect(kept).toEqual([{ version: 4, changed_by: ben.id }]);
  });
});

describe('a participant past the code', () => {
  const admit = (asker: Person, threadId: string, who: Person, partner: Person | null = null) =>
    run(
      as(asker),
      `INSERT INTO participants (organization_id, thread_id, user_id, partner_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING true`,
      [home.organization.id, threadId, who.id, partner?.id ?? null],
    );

  it('is taken where somebody in a group adds them, and refused where they add themselves', async () => {
    const { ann, ben, cas, dan, withBen, withoutAnn, group } = home;
    expect(await admit(ben, group, dan)).toHaveLength(1);
    for (const refused of [
      () => admit(dan, group, dan),
      // She has left.
      () => admit(ann, group, ann),
      () => admit(ann, group, dan),
      () => admit(ben, group, dan, ben),
      () => admit(dan, withBen, dan),
      () => admit(dan, withBen, dan, ben),
      () => admit(ann, withBen, dan, ann),
      () => admit(ann, withBen, dan),
      () => admit(dan, withBen, ann, ben),
      () => admit(ann, withoutAnn, ben, cas),
      () => admit(ann, uuid(), ann),
      () => admit(ann, abroad.group, ann),
    ]) {
      await expect(refused()).rejects.toThrow('row-level security');
    }
  });

  it('is not let into a group that nobody is left in', async () => {
    const { dan, organization } = home;
    const [empty] = await api.database.query<{ id: string }>(
      `INSERT INTO threads (organization_id, id, kind, participant_count) VALUES ($1, $2, 'group', 0) RETURNING id`,
      [organization.id, uuid()],
    );
    await expect(admit(dan, empty!.id, dan)).rejects.toThrow('row-level security');
    await api.database.query('DELETE FROM threads WHERE id = $1', [empty!.id]);
  });
});

describe('the words of somebody else', () => {
  it('are not theirs to change who read them, nor to make an earlier version of', async () => {
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

describe('a change without a WHERE clause', () => {
  it.each([
    ['messages', `content = 'x'`, 1],
    ['threads', `subject = 'x'`, 2],
    ['participants', 'muted_until = now()', 5],
  ])('of %s changes what the person can see and nothing else', async (table, change, count) => {
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
  ])('cannot change %s.%s at all', async (table, column) => {
    for (const asker of [as(home.ann), wide(home)]) {
      await expect(run(asker, `UPDATE ${table} SET ${column} = NULL`)).rejects.toThrow('permission denied');
    }
  });

  it('deletes blocks of one’s own, and nothing that was written', async () => {
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

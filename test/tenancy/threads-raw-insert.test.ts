import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { useApi } from '../support/api.js';
import type { Person } from '../support/people.js';
import type { Asker } from '../support/database.js';
import { type World, as, buildWorld, runAs, wide } from './threads-world.js';

const api = useApi();

let home: World;
let abroad: World;

beforeAll(async () => {
  [home, abroad] = [await buildWorld(api), await buildWorld(api)];
});

const run = (asker: Asker, sql: string, values?: unknown[]) => runAs(api, asker, sql, values);

const MESSAGE = `INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, content)
                 VALUES ($1, $2, 100, $3, $4, 'Written past the code') RETURNING true`;

describe('row-level security of messages', () => {
  const write = (
    asker: Person,
    threadId: string,
    senderId: string | null,
    organization = home.organization,
  ) => run(as(asker), MESSAGE, [organization.id, threadId, uuid(), senderId]);

  it('accepts a message of your own in your own thread, and refuses any other sender or thread', async () => {
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

  it('refuses a message whose sender is not in the thread in an organization-wide transaction too', async () => {
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

  it('refuses read marks, hidden messages, earlier versions and blocks in the name of somebody else', async () => {
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

describe('an earlier subject of a group', () => {
  it('is written only by a rename, with the person who renamed, and never by an INSERT', async () => {
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

describe('row-level security of participants', () => {
  const admit = (asker: Person, threadId: string, who: Person, partner: Person | null = null) =>
    run(
      as(asker),
      `INSERT INTO participants (organization_id, thread_id, user_id, partner_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING true`,
      [home.organization.id, threadId, who.id, partner?.id ?? null],
    );

  it('lets a participant of a group add a person, and refuses everybody else and adding yourself', async () => {
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

  it('refuses a participant in a group that everybody has left', async () => {
    const { dan, organization } = home;
    const [empty] = await api.database.query<{ id: string }>(
      `INSERT INTO threads (organization_id, id, kind, participant_count) VALUES ($1, $2, 'group', 0) RETURNING id`,
      [organization.id, uuid()],
    );
    await expect(admit(dan, empty!.id, dan)).rejects.toThrow('row-level security');
    await api.database.query('DELETE FROM threads WHERE id = $1', [empty!.id]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, post, startGroup } from '../support/people.js';

const api = useApi();

let owner: Person;
let ann: Person;
let ben: Person;
let group: string;

/** A group with a message of its owner. */
beforeEach(async () => {
  const organization = await api.build.organization();
  const someone = () => person(api, organization);
  [owner, ann, ben] = [await someone(), await someone(), await someone()];
  group = await startGroup(owner, [ann, ben]);
  await post(owner, group, 'Hello');
});

const path = () => `messages/threads/${group}`;
const leave = (who: Person) => who.client.delete(`${path()}/participants/${who.id}`);
const add = (who: Person) => owner.client.post(`${path()}/participants`, { user_id: who.id });
const seen = async (who: Person) => (await who.client.get(path())).body;
const listed = async (who: Person) =>
  ((await who.client.get('messages/threads')).body.data as { id: string }[]).find(({ id }) => id === group);

describe('a message that is edited after a person left', () => {
  const edit = (id: string, content: string) => owner.client.patch(`messages/${id}`, { content });
  /** Without the notification of the start of the group, which may come before the first message or not at all. */
  const bodies = async (who: Person) =>
    ((await who.client.get('notifications')).body.data as { body: string }[]).flatMap(
      ({ body }) => body || [],
    );
  const versions = async (who: Person, id: string) =>
    ((await who.client.get(`messages/${id}/versions`)).body.data as { content: string }[]).map(
      ({ content }) => content,
    );
  const inFeedOf = (who: Person) => expect.poll(() => bodies(who), { timeout: 10_000 });

  let first: string;
  let edited: string;

  /** Ann leaves after an edit of the last message. */
  beforeEach(async () => {
    first = (await seen(owner)).messages[0].id;
    edited = await post(owner, group, 'One');
    await edit(edited, 'Two');
    await inFeedOf(ann).toEqual(['Two', 'Hello']);
  });

  it('stays as it was for that person in thread, list, versions and notifications', async () => {
    await leave(ann);
    const sight = async () => [
      await seen(ann),
      await listed(ann),
      await versions(ann, first),
      await versions(ann, edited),
      await bodies(ann),
    ];
    const before = await sight();
    expect(before).toMatchObject([
      {
        messages: [
          { content: 'Hello', edited_at: null },
          { content: 'Two', edited_at: expect.any(String) },
        ],
      },
      { last_message: { preview: 'Two' } },
      [],
      ['One'],
      ['Two', 'Hello'],
    ]);
    await edit(first, 'Later');
    await edit(edited, 'Three');
    await edit(edited, 'Four');
    await inFeedOf(ben).toEqual(['Four', 'Later']);
    expect(await sight()).toEqual(before);
    expect((await seen(ben)).messages).toMatchObject([{ content: 'Later' }, { content: 'Four' }]);
    expect(await listed(ben)).toMatchObject({ last_message: { preview: 'Four' } });
    expect(await versions(ben, edited)).toEqual(['One', 'Two', 'Three']);
  });

  it('has no text for that person once retention has deleted the version that they saw', async () => {
    await leave(ann);
    await edit(edited, 'Three');
    await edit(edited, 'Four');
    await api.database.query('DELETE FROM message_versions WHERE message_id = $1 AND version <= 2', [edited]);
    expect((await seen(ann)).messages[1]).toMatchObject({ id: edited, content: null, edited_at: null });
    expect(await listed(ann)).toMatchObject({ last_message: { id: edited, preview: null } });
    expect(await versions(ann, edited)).toEqual([]);
  });

  it('keeps its notification for that person after they have joined again', async () => {
    await leave(ann);
    await add(ann);
    await edit(edited, 'Three');
    await inFeedOf(ben).toContain('Three');
    expect(await bodies(ann)).toContain('Two');
    expect(await bodies(ann)).not.toContain('Three');
  });

  it('keeps its notification for a person who is still leaving when it is edited', async () => {
    await api.database.query('BEGIN');
    await api.database.query('SELECT FROM threads WHERE id = $1 FOR NO KEY UPDATE', [group]);
    await api.database.query(
      `UPDATE participants SET left_at = clock_timestamp(), newest_seq = 2, active_at = now()
       WHERE thread_id = $1 AND user_id = $2`,
      [group, ann.id],
    );
    await edit(edited, 'Three');
    const waiting = () =>
      api.database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
    await expect.poll(waiting, { timeout: 10_000, interval: 10 }).toHaveLength(1);
    await api.database.query('COMMIT');
    await inFeedOf(ben).toContain('Three');
    expect(await bodies(ann)).toEqual(['Two', 'Hello']);
  });

  it('still disappears for them if it is deleted for everyone', async () => {
    await leave(ann);
    await owner.client.delete(`messages/${edited}?scope=everyone`);
    expect((await seen(ann)).messages[1]).toMatchObject({ id: edited, content: null });
    expect(await listed(ann)).toMatchObject({ last_message: { preview: null } });
    expect(await versions(ann, edited)).toEqual([]);
    await inFeedOf(ann).toEqual(['Hello']);
  });
});

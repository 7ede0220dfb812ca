import { beforeEach, describe, expect, it } from 'vitest';
import { duringSend } from '../messaging/concurrency.js';
import { useApi } from '../support/api.js';
import { type Person, person, post, send, sight, startGroup } from '../support/people.js';

const api = useApi({ worker: 'off' });

let blocker: Person;
let blocked: Person;
let other: Person;

beforeEach(async () => {
  const organization = await api.build.organization();
  [blocker, blocked, other] = [
    await person(api, organization),
    await person(api, organization),
    await person(api, organization),
  ];
});

const block = () => blocker.client.post(`messages/users/${blocked.id}/block`);
const unblock = () => blocker.client.delete(`messages/users/${blocked.id}/block`);
const write = () => blocked.client.post('messages/send', { recipient: blocker.id, content: 'Crossing' });

type Asked = () => Promise<{ status: number }>;

/** Each begins once those before it wait for what is locked here, and they go on together in that order. */
async function meetAt(lock: string, ...all: Asked[]): Promise<number[]> {
  await api.database.query(`BEGIN; ${lock}`);
  const begun: Promise<{ status: number }>[] = [];
  try {
    for (const ask of all) {
      begun.push(ask());
      await expect.poll(waiting, { interval: 10 }).toBe(begun.length);
    }
  } finally {
    await api.database.query('COMMIT');
  }
  return (await Promise.all(begun)).map(({ status }) => status);
}

async function waiting(): Promise<number> {
  await api.database.query('SELECT pg_stat_clear_snapshot()');
  const [row] = await api.database.query<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tidings' AND wait_event_type = 'Lock'`,
  );
  return row!.count;
}

const threadLock = (id: string) => `SELECT FROM threads WHERE id = '${id}' FOR UPDATE`;
const OUTBOX_LOCK = 'LOCK TABLE outbox IN SHARE MODE';

const unreadOf = async (who: Person) => (await sight(who, [])).unread.unread_count;

describe('a message concurrent with a block', () => {
  it('is refused in an existing conversation if the block commits first', async () => {
    const { thread_id } = await send(blocked, blocker, 'Before');
    expect(await meetAt(OUTBOX_LOCK, block, write)).toEqual([204, 403]);
    expect(await unreadOf(blocker)).toBe(0);
    expect((await unblock()).status).toBe(204);
    const { histories, unread } = await sight(blocker, [thread_id]);
    expect([histories, unread.unread_count]).toEqual([[['Before']], 1]);
  });

  it('is hidden and uncounted if it commits first, and appears after unblocking', async () => {
    const { thread_id } = await send(blocked, blocker, 'Before');
    expect(await meetAt(threadLock(thread_id), write, block)).toEqual([201, 204]);
    expect(await unreadOf(blocker)).toBe(0);
    expect((await unblock()).status).toBe(204);
    expect(await unreadOf(blocker)).toBe(2);
  });

  it('is not counted if it is the first of its thread', async () => {
    expect(await meetAt(OUTBOX_LOCK, write, block)).toEqual([201, 204]);
    expect(await unreadOf(blocker)).toBe(0);
    expect((await unblock()).status).toBe(204);
    expect(await unreadOf(blocker)).toBe(1);
  });

  it('is not counted in a group that the blocker joins concurrently', async () => {
    const group = await startGroup(other, [blocked]);
    const join = () => other.client.post(`messages/threads/${group}/participants`, { user_id: blocker.id });
    const shared = await startGroup(other, [blocked, blocker]);
    await post(blocked, shared, 'Before');
    // The block waits for the blocker's part in one group, while another one becomes theirs too.
    const part = `SELECT FROM participants WHERE thread_id = '${shared}' AND user_id = '${blocker.id}' FOR UPDATE`;
    await meetAt(part, block, async () => {
      await join();
      await post(blocked, group, 'Crossing');
      return post(blocked, shared, 'Also crossing').then(() => ({ status: 201 }));
    });
    expect(await unreadOf(blocker)).toBe(0);
    expect((await unblock()).status).toBe(204);
    expect(await unreadOf(blocker)).toBe(3);
  });
});

describe('a read mark that moves while a block waits for it', () => {
  it('leaves the later messages of the blocked person to the block', async () => {
    const { thread_id } = await send(blocked, blocker, 'One');
    await send(blocked, blocker, 'Two');
    const mine = `thread_id = '${thread_id}' AND user_id = '${blocker.id}'`;
    const read = `UPDATE participants SET last_read_seq = 1, settled = settled + 1 WHERE ${mine}`;
    expect(await meetAt(read, block)).toEqual([204]);
    expect(await unreadOf(blocker)).toBe(0);
    expect((await unblock()).status).toBe(204);
    expect(await unreadOf(blocker)).toBe(1);
  });
});

describe('while sends of the blocked person hold the lock', () => {
  /** Moves a message to another sender, which never happens otherwise: only counting them again would show it. */
  const moveMessage = () =>
    api.database.query(`UPDATE messages SET sender_id = $1 WHERE sender_id = $2 AND content = 'Two'`, [
      other.id,
      blocked.id,
    ]);

  const whileWaiting = (request: typeof block) =>
    duringSend(api, blocker.organization, blocked, request, moveMessage);

  beforeEach(async () => {
    for (const content of ['One', 'Two', 'Three']) await send(blocked, blocker, content);
    expect(await unreadOf(blocker)).toBe(3);
  });

  it('a block that waits for it has counted their messages already', async () => {
    const [{ status }] = await whileWaiting(block);
    expect(status).toBe(204);
    expect(await unreadOf(blocker)).toBe(0);
  });

  it('an unblock that waits for it has counted their messages already', async () => {
    await block();
    const [{ status }] = await whileWaiting(unblock);
    expect(status).toBe(204);
    expect(await unreadOf(blocker)).toBe(3);
  });
});

describe('two people who block each other at once', () => {
  it('succeed both', async () => {
    const back = () => blocked.client.post(`messages/users/${blocker.id}/block`);
    expect(await meetAt(OUTBOX_LOCK, block, back)).toEqual([204, 204]);
    for (const { client } of [blocker, blocked]) {
      expect((await client.get('messages/users/blocked')).body.data).toHaveLength(1);
    }
  });
});

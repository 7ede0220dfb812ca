import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { useApi } from '../support/api.js';
import { type Person, person, send, startGroup } from '../support/people.js';
import { Device } from './devices.js';
import { fetched, seen } from './sight.js';

const api = useApi();

/** What people do, and how often. */
const WEIGHTS = {
  send: 4,
  edit: 1,
  delete: 1,
  deleteForAll: 1,
  read: 1,
  archive: 1,
  rename: 1,
  block: 1,
  unblock: 1,
  join: 1,
  leave: 1,
  readFeed: 1,
  cut: 1,
  reset: 1,
  lose: 1,
  pause: 1,
};

type Action = keyof typeof WEIGHTS;

const step = fc.record({
  action: fc.oneof(
    ...Object.entries(WEIGHTS).map(([action, weight]) => ({
      weight,
      arbitrary: fc.constant(action as Action),
    })),
  ),
  device: fc.nat({ max: 3 }),
  thread: fc.nat({ max: 1 }),
  at: fc.nat({ max: 20 }),
});

/** What a device submitted, and whether the server confirmed it. */
interface Submitted {
  device: number;
  threadId: string;
  content: string;
  isStored?: boolean;
}

async function run(steps: (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): Promise<void> {
  const organization = await api.build.organization();
  const [ann, bob, eve] = (await Promise.all([1, 2, 3].map(() => person(api, organization)))) as [
    Person,
    Person,
    Person,
  ];
  const group = await startGroup(ann, [bob, eve]);
  const threads = [group, (await send(ann, bob, 'hello')).thread_id];
  const owners = [ann, ann, bob, eve];
  const devices = owners.map((owner, nth) => new Device(api, owner, { polls: nth === 1 }));
  for (const device of devices) device.show(threads);
  const submitted: Submitted[] = [];

  for (const { action, device: nth, thread, at } of steps) {
    const device = devices[nth]!;
    const { store, actions, blocks, threads: routes } = device.tidings;
    const threadId = threads[thread]!;
    const other = owners[(nth + 1 + at) % owners.length]!;
    const rows = store.messages(threadId).getSnapshot().rows;
    const message = rows[at % Math.max(1, rows.length)];
    const perform: Record<Action, () => unknown> = {
      send: () => {
        const one: Submitted = { device: nth, threadId, content: `text ${submitted.length}` };
        submitted.push(one);
        actions.send(threadId, { content: one.content }).then(
          () => (one.isStored = true),
          () => (one.isStored = false),
        );
      },
      edit: () => message && actions.edit(message, `edit ${message.content}`),
      delete: () => message && actions.delete(message),
      deleteForAll: () => message && actions.delete(message, 'everyone'),
      read: () => actions.markRead(threadId, at > 10 ? message : undefined),
      archive: () => actions.archive(threadId, at > 10),
      rename: () => actions.updateThread(group, { subject: `subject ${at}` }),
      block: () => blocks.block(other.id),
      unblock: () => blocks.unblock(other.id),
      join: () => routes.addParticipant(group, other.id),
      leave: () => routes.removeParticipant(group, owners[nth]!.id),
      cut: () => device.cut(),
      reset: () => device.reset(),
      lose: () => (device.losesResponses = true),
      readFeed: () => actions.markNotificationsRead(),
      pause: () => delay(at * 5),
    };
    // Some are refused, because people leave and block each other. Half are not awaited.
    const done = Promise.resolve(perform[action]()).catch(() => undefined);
    if (at % 2) await done;
  }

  const wasAnswered = () => submitted.every(({ isStored }) => isStored !== undefined);
  await expect.poll(wasAnswered, { timeout: 20_000, message: 'every send has an outcome' }).toBe(true);
  for (const [nth, device] of devices.entries()) {
    // The worker still marks and retracts notifications.
    await vi.waitFor(
      async () =>
        expect(seen(device.tidings.store, threads)).toEqual(await fetched(owners[nth]!.client, threads)),
      { timeout: 12_000, interval: 50 },
    );
  }
  await expectEachOnce(submitted);
  for (const device of devices) device.close();
}

/** In the order in which a device submitted them, whatever was lost. */
async function expectEachOnce(submitted: Submitted[]): Promise<void> {
  const rows = await api.database.query<{ thread_id: string; content: string }>(
    `SELECT thread_id, coalesce(
       (SELECT content FROM message_versions WHERE message_id = messages.id ORDER BY version LIMIT 1), content) AS content
     FROM messages WHERE thread_id = ANY ($1) ORDER BY thread_id, seq`,
    [[...new Set(submitted.map(({ threadId }) => threadId))]],
  );
  for (const { threadId, device } of submitted) {
    const own = submitted.filter((one) => one.threadId === threadId && one.device === device);
    const contents = own.map(({ content }) => content);
    const stored = rows
      .filter(({ thread_id, content }) => thread_id === threadId && contents.includes(content))
      .map(({ content }) => content);
    expect(stored).toEqual(contents.filter((content) => stored.includes(content)));
    // One may be stored and refused: if it is repeated before its first request has ended, and the person leaves then.
    const confirmed = own.filter(({ isStored }) => isStored).map(({ content }) => content);
    expect(stored).toEqual(expect.arrayContaining(confirmed));
  }
}

it('stores equal a fresh fetch after whatever people do, and every message arrives once and in order', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 60 }), run), {
    numRuns: 2,
    endOnFailure: true,
  });
}, 60_000);

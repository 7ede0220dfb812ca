import { expect, it } from 'vitest';
import { type Person, person, send, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';
import { ModelClient } from './changes-model.js';
import { RandomChanges } from './random-changes.js';
import { SyncClient } from './sync-client.js';

const api = useApi();

const ACTIONS = 40;

it('keeps clients equal to a fresh fetch, whatever people do at the same time', async () => {
  const organization = await api.build.organization();
  const people = await Promise.all([1, 2, 3, 4].map(() => person(api, organization)));
  const [ann, bob, eve] = people as [Person, Person, Person];
  const groups = [
    await startGroup(ann, [bob, eve]),
    await startGroup(
      bob,
      people.filter((one) => one !== bob),
    ),
  ];
  const direct = await send(ann, bob, 'hello');
  const threads = [...groups, direct.thread_id];
  const models = people.map(({ client }) => new ModelClient(client, threads));
  const [polling, ...live] = models;
  const sockets: SyncClient[] = [];
  await polling!.start();
  for (const [nth, model] of live.entries()) {
    await model.startSocket(async (cursor) => {
      const socket = await SyncClient.open(api, people[nth + 1]!, { cursor });
      sockets.push(socket);
      return socket;
    });
  }

  const changes = new RandomChanges(people, groups, threads);
  changes.sent.push({ by: ann, id: direct.message_id });
  const act = (by: Person): Promise<unknown> => (Math.random() < 0.4 ? changes.send(by) : changes.change(by));
  await Promise.all(
    people.map(async (by) => {
      // Many are refused, because people leave and block each other.
      for (let nth = 0; nth < ACTIONS; nth++) await act(by).catch(() => undefined);
    }),
  );
  // The worker still marks and retracts notifications.
  await expect
    .poll(async () => (await api.database.query('SELECT FROM outbox WHERE run_at <= now()')).length, {
      timeout: 20_000,
    })
    .toBe(0);
  await polling!.finish();
  expect(polling!.current).toEqual(await polling!.fetched());
  for (const model of live) {
    const fetched = await model.fetched();
    await expect.poll(() => model.differences(fetched), { timeout: 10_000 }).toEqual({});
  }
  for (const { socket } of sockets) socket.terminate();
  expect(changes.sent.length).toBeGreaterThan(ACTIONS / 2);
}, 60_000);

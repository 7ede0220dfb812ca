import { expect, it } from 'vitest';
import { type Person, person, post, send, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';
import { ModelClient } from './changes-model.js';
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

  const sent: { by: Person; id: string }[] = [{ by: ann, id: direct.message_id }];
  const any = <T>(list: T[]): T => list[Math.floor(Math.random() * list.length)]!;
  const act = async (by: Person): Promise<void> => {
    const { client } = by;
    const thread = any(threads);
    const message = any(sent);
    const other = any(people);
    const actions: [number, () => Promise<unknown>][] = [
      [8, async () => sent.push({ by, id: await post(by, thread, `text ${Math.random()}`) })],
      [2, () => message.by.client.patch(`messages/${message.id}`, { content: `edit ${Math.random()}` })],
      [1, () => client.delete(`messages/${message.id}?scope=me`)],
      [1, () => message.by.client.delete(`messages/${message.id}?scope=everyone`)],
      [3, () => client.post(`messages/threads/${thread}/read`, {})],
      [1, () => client.patch(`messages/threads/${thread}`, { subject: `subject ${Math.random()}` })],
      [1, () => client.patch(`messages/threads/${thread}`, { archived: Math.random() < 0.5 })],
      [1, () => client.delete(`messages/threads/${any(groups)}/participants/${by.id}`)],
      [2, () => client.post(`messages/threads/${any(groups)}/participants`, { user_id: other.id })],
      [0.3, () => client.post(`messages/users/${other.id}/block`)],
      [0.6, () => client.delete(`messages/users/${other.id}/block`)],
      [0.5, () => client.post('notifications/read-all', {})],
    ];
    let at = Math.random() * actions.reduce((sum, [weight]) => sum + weight, 0);
    const [, action] = actions.find(([weight]) => (at -= weight) < 0)!;
    // Many are refused, because people leave and block each other.
    await action().catch(() => undefined);
  };
  await Promise.all(
    people.map(async (by) => {
      for (let nth = 0; nth < ACTIONS; nth++) await act(by);
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
    await expect.poll(() => model.current, { timeout: 10_000 }).toEqual(fetched);
  }
  for (const { socket } of sockets) socket.terminate();
  expect(sent.length).toBeGreaterThan(ACTIONS / 2);
}, 60_000);

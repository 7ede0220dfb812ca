import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { useApi } from '../support/api.js';
import { connect } from './client.js';
import { StreamClient } from './stream-client.js';

// What is done every half minute is done when this file says so.
vi.useFakeTimers({ toFake: ['setInterval'] });

const api = useApi();

const PING_MILLISECONDS = 30_000;
const HEARTBEAT_MILLISECONDS = 20_000;

it('disconnects clients that do not answer the last ping, and no others', async () => {
  const member = await api.build.member();
  const [dead, unasked, late] = await Promise.all(
    [1, 2, 3].map(() => connect(api, member, { options: { autoPong: false } })),
  );
  const alive = await connect(api, member);
  let lastPing: Buffer | undefined;
  late!.socket.on('ping', (payload) => {
    late!.socket.pong(lastPing);
    lastPing = payload;
  });
  for (let round = 0; round < 3; round++) {
    const asked = once(alive.socket, 'ping');
    await vi.advanceTimersByTimeAsync(PING_MILLISECONDS);
    await asked;
    // By then what the server heard before is known to it.
    alive.socket.ping();
    await once(alive.socket, 'pong');
    unasked!.socket.pong();
    unasked!.socket.pong('anything');
  }
  for (const connection of [dead, unasked, late]) await connection!.expectClosed(1006);
  expect(alive.closed).toBeUndefined();
  alive.drop();
});

it('sends a comment on event streams every 20 seconds', async () => {
  const client = await StreamClient.connect(api, await api.build.member());
  for (let round = 1; round <= 3; round++) {
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MILLISECONDS);
    await expect.poll(() => client.comments, { interval: 2 }).toBe(round);
  }
  expect(client.frames).toHaveLength(1);
  client.drop();
});

import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Connecting, type Connection } from './client.js';
import { useLive } from './live.js';

const api = useApi();
const live = useLive(api);

const MEGABYTE = 2 ** 20;
const CONTENT = 'x'.repeat(MEGABYTE);
const MAX_UNSENT_MEGABYTES = 64;

/** Straight into the feed of Bob: by requests it would take thousands. */
async function notify(count: number): Promise<void> {
  await api.database.query(
    `WITH feed AS (
       INSERT INTO tidings.feeds AS feed (organization_id, user_id, last_seq) VALUES ($1, $2, $3)
       ON CONFLICT (organization_id, user_id) DO UPDATE SET last_seq = feed.last_seq + $3
       RETURNING organization_id, user_id, last_seq - $3 AS seq
     )
     INSERT INTO tidings.notifications
       (organization_id, user_id, seq, id, source_id, type, title, body, priority, decisions)
     SELECT organization_id, user_id, feed.seq + number, gen_random_uuid(), gen_random_uuid(), 'SYSTEM', 'Title',
            $4, 'normal', '{"realtime": {"value": "on"}}'
     FROM feed, generate_series(1, $3::bigint) AS number`,
    [live.organization.id, live.bob.id, count, CONTENT],
  );
  await api.database.query(`NOTIFY tidings_realtime`);
}

async function held(): Promise<{ connections: number; megabytes: number }> {
  const { text } = await api.anybody.get('/metrics');
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return {
    connections: value('websocket_connections'),
    megabytes: value('websocket_unsent_bytes') / MEGABYTE,
  };
}

/** One that reads nothing after its first frame. */
async function connectSilent(given?: Connecting): Promise<Connection> {
  const connection = await live.connect(live.bob, given);
  connection.socket.pause();
  return connection;
}

describe('a client that does not read', () => {
  it('gets no further page before it has read the last one, and then all of them in order', async () => {
    const [silent, reading] = [await connectSilent(), await live.connect(live.bob)];
    for (let batch = 1; batch <= 4; batch++) {
      await notify(3);
      await expect.poll(() => reading.notifications.length, { interval: 5 }).toBe(3 * batch);
    }
    // The buffers of the system hold about 3 MB of what nobody reads.
    expect((await held()).megabytes).toBeLessThan(5);
    silent.socket.resume();
    await expect.poll(() => silent.notifications.length, { interval: 5 }).toBe(12);
    expect(silent.notifications.map(({ seq }) => seq)).toEqual(reading.notifications.map(({ seq }) => seq));
  });

  it('is disconnected, the slowest first, while its organization leaves more than 64 MB unread', async () => {
    const elsewhere = await api.build.member();
    const reading = [await live.connect(live.carol), await live.connect(elsewhere)];
    await notify(20);
    const silent: Connection[] = [];
    while (silent.length < 6) silent.push(await connectSilent({ since: 0 }));

    await expect.poll(held, { timeout: 60_000 }).toEqual({
      connections: expect.toSatisfy((count) => count <= 7),
      megabytes: expect.toSatisfy(isLittle),
    });

    await live.notify('Hello', { to: { users: [live.carol.id] } });
    const service = await api.build.service(elsewhere.organization, ['notifications:send']);
    const notification = { to: { everyone: true }, type: 'SYSTEM', title: 'News', body: 'Hello' };
    await service.post('notifications', notification);
    for (const connection of reading) await connection.expectBodies(['Hello']);
    const [first, last] = [silent[0]!, silent.at(-1)!];
    first.socket.resume();
    await first.expectClosed(1006);
    last.socket.resume();
    await expect.poll(() => last.notifications.length, { interval: 5 }).toBe(20);
  });
});

const isLittle = (megabytes: number): boolean => megabytes > 0 && megabytes <= MAX_UNSENT_MEGABYTES;

import { expect, it, vi } from 'vitest';
import { Connection, dial } from '../realtime/client.js';
import { useProcesses } from '../start/processes.js';
import { print, scaled, seconds } from './figures.js';
import { Senders } from './senders.js';
import { SETTINGS, buildTown } from './town.js';

const processes = useProcesses();

const KILLS = scaled(3, 20);
const RATE = 100;

/** A WebSocket reads the feed every four seconds, whatever was announced. */
const RECOVERED_WITHIN = 6000;

it('sends every committed notification to WebSockets within seconds when the process that committed it is killed', async () => {
  const database = await processes.database();
  const serve = () => processes.serve({ ...SETTINGS, DATABASE_URL: database.url });
  const listening = await serve();
  let sending = await serve();
  const town = await buildTown(sending);
  const [reader] = town.people;
  const socket = new Connection(dial(listening.port, { headers: reader!.headers }));
  await socket.ready();
  const { last_seq: before } = socket.frames[0]!;
  const senders = new Senders(town, () => sending);
  senders.start(RATE);
  const latest: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await senders.more(RATE);
    await sending.kill('SIGKILL');
    const since = performance.now();
    const committed = await seqsOf();
    await vi.waitFor(() => expect(received()).toEqual(expect.arrayContaining(committed)), {
      timeout: RECOVERED_WITHIN,
      interval: 20,
    });
    latest.push(performance.now() - since);
    sending = await serve();
  }
  await senders.stop();
  await expect
    .poll(async () => received().join() === (await seqsOf()).join(), { timeout: 10_000 })
    .toBe(true);
  print('lost announcements', { kills: KILLS, 'received after at most': seconds(Math.max(...latest)) });
  socket.drop();

  /** In the order of the feed, without one twice. */
  function received(): number[] {
    return socket.notifications.map(({ seq }) => seq);
  }

  async function seqsOf(): Promise<number[]> {
    const rows = await database.query<{ seq: number }>(
      `SELECT seq::integer AS seq FROM notifications
       WHERE user_id = $1 AND seq > $2 AND suppressed_at IS NULL ORDER BY seq`,
      [reader!.id, before],
    );
    return rows.map(({ seq }) => seq);
  }
});

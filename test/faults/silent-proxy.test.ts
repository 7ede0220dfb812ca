import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { expect, it, onTestFinished } from 'vitest';
import { useMailServer } from '../delivery/mail-server.js';
import { Connection, dial } from '../realtime/client.js';
import { useProcesses } from '../start/processes.js';
import type { TestDatabase } from '../support/database.js';
import type { Server } from '../support/process.js';
import { print, scaled, seconds } from './figures.js';
import { SilentProxy } from './silent-proxy.js';
import { SETTINGS, type Town, buildTown, mailFirstPerson } from './town.js';

const processes = useProcesses();

const mail = await useMailServer();

const ADDRESS = 'ann@example.com';
const TIMES = scaled(1, 5);
const RECOVERED_WITHIN = 30_000;

it(
  'sends, notifies, pushes and mails again within 30 s after PostgreSQL’s host disappears silently',
  async () => {
    const database = await processes.database();
    const proxy = await SilentProxy.start(database.url);
    onTestFinished(() => proxy.stop());
    const server = await processes.serve({
      ...SETTINGS,
      DATABASE_URL: proxy.url,
      SMTP_URL: mail.url,
      MAIL_FROM: 'tidings@example.com',
      PUBLIC_URL: 'http://localhost',
    });
    const town = await buildTown(server);
    const service = await mailFirstPerson(server, town, ADDRESS);
    const [ann, bob] = town.people as [Town['people'][0], Town['people'][0]];
    const socket = await new Connection(dial(server.port, { headers: bob.headers })).ready();
    onTestFinished(() => socket.drop());
    await Promise.all([pushed(server, town, socket), mailed(server, service)]);
    const listeners = await listening(database);
    expect(listeners).toBeGreaterThan(0);

    const recoveries = {
      sends: [] as number[],
      notifications: [] as number[],
      mails: [] as number[],
      listening: [] as number[],
    };
    for (let time = 0; time < TIMES; time++) {
      // Several connections of each pool are open and idle, so that each could cost somebody its time limit.
      await Promise.all(
        Array.from({ length: 12 }, () => server.send('GET', '/api/v1/messages/inbox', ann.headers)),
      );
      const [{ at }] = (await database.query('SELECT now() AS at')) as [{ at: Date }];
      const since = performance.now();
      expect(proxy.silence()).toBeGreaterThan(8);
      await untilAccepted(server, town);
      recoveries.sends.push(performance.now() - since);
      const elapsed = () => performance.now() - since;
      await Promise.all([
        pushed(server, town, socket).then(() => recoveries.notifications.push(elapsed())),
        mailed(server, service).then(() => recoveries.mails.push(elapsed())),
      ]);
      await expect
        .poll(() => listening(database, at), { timeout: RECOVERED_WITHIN, interval: 50 })
        .toBe(listeners);
      recoveries.listening.push(performance.now() - since);
    }
    const longest = Object.entries(recoveries).map(([what, times]) => [what, Math.max(...times)] as const);
    print('silent proxy', {
      times: TIMES,
      ...Object.fromEntries(longest.map(([what, time]) => [`${what} again after`, seconds(time)])),
    });
    for (const [what, time] of longest) expect(time, what).toBeLessThan(RECOVERED_WITHIN);
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  },
  scaled(90_000, 300_000),
);

const send = (server: Server, { people: [ann, bob] }: Town, content: string, token = uuid()) =>
  server.send('POST', '/api/v1/messages/send', ann!.headers, {
    recipient: bob!.id,
    content,
    client_token: token,
  });

/** As a client does: again and again until the message is accepted. */
async function untilAccepted(server: Server, town: Town): Promise<void> {
  const token = uuid();
  while ((await send(server, town, 'again', token)).status !== 201) await delay(200);
}

/** A message is sent, its recipient is notified and receives the notification over the socket. */
async function pushed(server: Server, town: Town, socket: Connection): Promise<void> {
  const content = uuid();
  while ((await send(server, town, content)).status !== 201) await delay(200);
  await expect
    .poll(() => socket.bodies, { timeout: RECOVERED_WITHIN + 10_000, interval: 10 })
    .toContain(content);
}

/** A notification for everyone, which an event creates and the queue of deliveries mails. */
async function mailed(server: Server, service: Record<string, string>): Promise<void> {
  const title = uuid();
  const notice = { to: { everyone: true }, type: 'SYSTEM', title, body: 'Now.', priority: 'urgent' };
  while ((await server.send('POST', '/api/v1/notifications', service, notice)).status !== 202)
    await delay(200);
  await expect
    .poll(() => mail.of(ADDRESS).map(({ subject }) => subject), {
      timeout: RECOVERED_WITHIN + 10_000,
      interval: 10,
    })
    .toContainEqual(expect.stringContaining(title));
}

/** How many sessions listen, of those that began after this. */
async function listening(database: TestDatabase, after = new Date(0)): Promise<number> {
  const sessions = await database.query(
    `SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tidings listener' AND backend_start > $1`,
    [after],
  );
  return sessions.length;
}

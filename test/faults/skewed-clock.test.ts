import { expect, it } from 'vitest';
import { useProcesses } from '../start/processes.js';
import { MailServer } from '../delivery/mail-server.js';
import { Receiver, answers, verify } from '../delivery/receiver.js';
import { print, scaled, seconds } from './figures.js';
import { SETTINGS, buildTown } from './town.js';

const processes = useProcesses();

const PEOPLE = 10;
const DELAY_SECONDS = 3;
const WITHIN = { timeout: 15_000, interval: 50 };
const CLOCK = new URL('skewed-clock.mjs', import.meta.url).href;

const SKEWS: [what: string, milliseconds: number][] = [
  ['two seconds behind', -2000],
  ['an hour behind', -3_600_000],
  ['an hour ahead', 3_600_000],
];

it.each(scaled(SKEWS.slice(0, 2), SKEWS))(
  'sends delayed deliveries and retries while the clock of the worker is %s',
  async (what, skew) => {
    const [mail, receiver] = [new MailServer(), new Receiver(answers(500))];
    await Promise.all([mail.start(), receiver.start()]);
    const settings = {
      SMTP_URL: mail.url,
      MAIL_FROM: 'tidings@example.com',
      PUBLIC_URL: 'https://tidings.example',
      WEBHOOK_ALLOW_PRIVATE: 'true',
    };
    try {
      const database = await processes.database();
      const server = await processes.serve({
        ...SETTINGS,
        ...settings,
        DATABASE_URL: database.url,
        WORKER: 'off',
      });
      const town = await buildTown(server);
      const platform = {
        'X-Api-Key': SETTINGS['PLATFORM_API_KEY']!,
        'X-Organization-Id': town.organizationId,
      };
      const people = town.people.slice(0, PEOPLE);
      for (const [number, { id }] of people.entries()) {
        await server.send('PUT', `/api/v1/members/${id}`, platform, {
          username: `person${number}`,
          display_name: `Person ${number}`,
          role: 'clinician',
          email: `person${number}@example.com`,
        });
      }
      const hook = await server.send('POST', '/api/v1/admin/webhooks', platform, {
        url: receiver.url,
        types: ['BILLING'],
      });
      expect(hook.status, hook.text).toBe(201);
      await processes.work(database.url, {
        ...settings,
        NODE_OPTIONS: `--import ${CLOCK}`,
        SKEW_MILLISECONDS: String(skew),
      });

      const start = performance.now();
      const paused_until = new Date(Date.now() + DELAY_SECONDS * 1000).toISOString();
      for (const { headers } of people) {
        const { status, text } = await server.send('PATCH', '/api/v1/preferences', headers, { paused_until });
        expect(status, text).toBe(200);
      }
      const notice = await server.send('POST', '/api/v1/notifications', platform, {
        to: { users: people.map(({ id }) => id) },
        type: 'BILLING',
        title: 'Your invoice is there',
        body: 'Thank you.',
      });
      expect(notice.status, notice.text).toBe(202);
      // The first attempt fails.
      await expect.poll(() => receiver.received.length, WITHIN).toBe(PEOPLE);
      receiver.behaviour = answers(204);
      const sent = () =>
        database.query(
          `SELECT channel, count(*)::integer FROM deliveries WHERE sent_at IS NOT NULL GROUP BY 1 ORDER BY 1`,
        );
      await expect.poll(sent, WITHIN).toEqual([
        { channel: 'email', count: PEOPLE },
        { channel: 'webhook', count: PEOPLE },
      ]);
      print(`a clock ${what}`, { sent: mail.received.length, after: seconds(performance.now() - start) });
      expect(performance.now() - start).toBeGreaterThan((DELAY_SECONDS - 1) * 1000);
      // A receiver whose clock is right accepts the time that is signed.
      for (const received of receiver.received) verify(received, hook.body.secret as string);
    } finally {
      await Promise.all([mail.stop(), receiver.stop()]);
    }
  },
);

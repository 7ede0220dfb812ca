import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { addBacklog } from './backlog.js';
import { useMailServer } from './mail-server.js';
import { type Mailing, deliveries, mailing, expectDeliveryCount, expectStatuses, notify } from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const SOON = { timeout: 5000, interval: 20 };
const BACKLOG = 2000;

let flooded: Mailing;
let other: Mailing;

beforeEach(async () => {
  flooded = await mailing(api);
  other = await mailing(api);
});

afterEach(async () => {
  await api.database.query(`UPDATE deliveries SET status = 'cancelled' WHERE status = 'waiting'`);
  server.letGo();
});

/** So much mail for Ann of the flooded organization that it takes long; it is what the server does with it. */
async function flood(): Promise<void> {
  await notify(flooded);
  await expectStatuses(flooded, 'sent');
  const [sent] = await deliveries(flooded);
  await addBacklog(api, sent!.id, BACKLOG);
}

const waiting = async (): Promise<number> => {
  const [row] = await api.database.query<{ count: number }>(
    `SELECT count(*)::integer FROM deliveries WHERE status = 'waiting' AND NOT urgent`,
  );
  return row!.count;
};

const urgentMails = ({ ann }: Mailing) =>
  server.of(ann.email).filter(({ subject }) => subject === 'Come at once').length;

const tellUrgently = (mail: Mailing) => notify(mail, { title: 'Come at once', priority: 'urgent' });

describe('an urgent mail', () => {
  it.each([
    ['the same organization', () => flooded],
    ['another organization', () => other],
  ])('overtakes thousands of waiting mails of %s', async (_of, mailingOf) => {
    server.slowness = 100;
    await flood();
    await tellUrgently(mailingOf());
    await expect.poll(() => urgentMails(mailingOf()), SOON).toBe(1);
    expect(await waiting()).toBeGreaterThan(BACKLOG / 2);
    server.slowness = 0;
  });

  it('finds a slot while the mail server answers none of the mails in all other slots', async () => {
    await flood();
    const third = await mailing(api);
    for (const mail of [flooded, other, third]) server.hold(mail.ann.email);
    for (const mail of [other, third]) {
      await notify(mail);
      await expectDeliveryCount(mail, 1);
      await addBacklog(api, (await deliveries(mail))[0]!.id, 10);
    }
    await expect.poll(() => server.held, SOON).toBeGreaterThanOrEqual(6);
    const fourth = await mailing(api);
    await tellUrgently(fourth);
    await expect.poll(() => urgentMails(fourth), SOON).toBe(1);
  });
});

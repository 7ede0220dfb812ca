import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { useMailServer } from './mail-server.js';
import {
  type Mailing,
  POLLING,
  makeDue,
  deliveries,
  digestMailing,
  expectDeliveryCount,
  recordRequested,
  expectStatuses,
  notify,
} from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const mailsOf = ({ ann }: Mailing) => server.of(ann.email);

describe('a digest that the mail server refuses', () => {
  it('is retried as a whole after a 4xx, with newer notifications, each mailed once', async () => {
    const mail = await digestMailing(api);
    server.refuse(mail.ann.email, { code: 451, words: 'Too busy' });
    await notify(mail, { title: 'One' });
    await notify(mail, { title: 'Two' });
    await expectDeliveryCount(mail, 2);
    await makeDue(api, mail);
    const failed = { status: 'waiting', attempts: 1, last_error: expect.stringContaining('451 Too busy') };
    await expect.poll(() => deliveries(mail), POLLING).toMatchObject([failed, failed]);
    const [one, two] = await deliveries(mail);
    expect(one!.due_at).toBe(two!.due_at);
    expect(Date.parse(one!.due_at)).toBeGreaterThan(Date.now() + 30_000);
    await notify(mail, { title: 'Three' });
    await expectDeliveryCount(mail, 3);
    await makeDue(api, mail);
    await expectStatuses(mail, 'sent', 'sent', 'sent');
    expect(mailsOf(mail).map(({ subject }) => subject)).toEqual([
      `3 notifications from ${mail.organization.name}`,
    ]);
  });

  it('fails as a whole after a 5xx', async () => {
    const mail = await digestMailing(api);
    server.refuse(mail.ann.email, { code: 550, words: 'No such mailbox' });
    await notify(mail);
    await notify(mail);
    await expectDeliveryCount(mail, 2);
    await makeDue(api, mail);
    await expectStatuses(mail, 'failed', 'failed');
    for (const { last_error } of await deliveries(mail)) expect(last_error).toContain('550 No such mailbox');
  });
});

it('sends a digest that a dead worker had claimed, once its lease is over', async () => {
  const mail = await digestMailing(api);
  await notify(mail, { title: 'Held' });
  await notify(mail, { title: 'Free' });
  await expectDeliveryCount(mail, 2);
  await api.database.query(
    `UPDATE deliveries SET due_at = date_trunc('second', now()),
       leased_until = CASE WHEN id = $1 THEN now() + interval '2 seconds' END, attempts = (id = $1)::integer
     WHERE user_id = $2`,
    [(await deliveries(mail))[0]!.id, mail.ann.id],
  );
  await recordRequested(api, mail, (await deliveries(mail))[1]!.id);
  await expectStatuses(mail, 'waiting', 'sent');
  await expectStatuses(mail, 'sent', 'sent');
  expect(mailsOf(mail).map(({ subject }) => subject)).toEqual(['Free', 'Held']);
});

import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { person, send, startGroup } from '../support/people.js';
import { useMailServer } from './mail-server.js';
import {
  type Mailing,
  POLLING,
  makeDue,
  deliveries,
  digestMailing,
  mailing,
  expectDeliveryCount,
  recordRequested,
  expectStatuses,
  notify,
} from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const mailsOf = ({ ann }: Mailing) => server.of(ann.email);

describe('a digest', () => {
  it('is due at the full hour if hourly, and at eight in the person’s time zone if daily', async () => {
    const mail = await mailing(api, { time_zone: 'Asia/Kolkata' });
    await mail.asAnn.patch('preferences', {
      types: { BILLING: { email: 'hourly' }, SYSTEM: { email: 'daily' } },
    });
    const before = Date.now();
    await notify(mail, { type: 'BILLING' });
    await notify(mail, { type: 'SYSTEM' });
    await expectDeliveryCount(mail, 2);
    const [hourly, daily] = await deliveries(mail);
    expect(hourly).toMatchObject({ digest: 'hourly', due_at: expect.stringMatching(/:00:00\.000Z$/) });
    expect(daily).toMatchObject({ digest: 'daily', due_at: expect.stringMatching(/T02:30:00\.000Z$/) });
    for (const { due_at } of [hourly!, daily!]) expect(Date.parse(due_at)).toBeGreaterThan(before);
    expect(Date.parse(hourly!.due_at)).toBeLessThanOrEqual(before + 3_600_000 + 60_000);
    expect(mailsOf(mail)).toEqual([]);
  });

  it('is one mail, by type and by group, newest first', async () => {
    const mail = await digestMailing(api);
    for (const title of ['Bill A1', 'Bill A2']) await notify(mail, { title, group_key: 'a' });
    await notify(mail, { title: 'Bill B' });
    await notify(mail, { title: 'Bill A3', group_key: 'a', body: 'x'.repeat(1000) });
    const news = await notify(mail, {
      type: 'SYSTEM',
      title: 'News <now>',
      action_url: 'https://a.example/1',
    });
    await expectDeliveryCount(mail, 5);
    await makeDue(api, mail);
    await expectStatuses(mail, 'sent', 'sent', 'sent', 'sent', 'sent');
    expect(mailsOf(mail)).toHaveLength(1);
    const { subject, text, html } = mailsOf(mail)[0]!;
    expect(subject).toBe(`5 notifications from ${mail.organization.name}`);
    expect(text!.match(/^(== .*|Bill .*|News .*|https:\/\/a.*)$/gm)).toEqual([
      '== System (1) ==',
      'News <now>',
      'https://a.example/1',
      '== Billing (4) ==',
      'Bill A3',
      'Bill A2',
      'Bill A1',
      'Bill B',
    ]);
    expect(text).toContain(`${'x'.repeat(280)}…\n`);
    expect(html).toContain('News &lt;now&gt;');
    expect((await mail.asAnn.get(`notifications/${news}`)).body.delivered_via_email).toBe(true);
  });

  it('shows five notifications of a group and says how many more there are', async () => {
    const mail = await digestMailing(api);
    for (let number = 1; number <= 7; number++) {
      await notify(mail, { title: `Bill ${number}`, group_key: 'a' });
    }
    await expectDeliveryCount(mail, 7);
    await makeDue(api, mail);
    await expect.poll(() => mailsOf(mail).length, POLLING).toBe(1);
    const { text, html } = mailsOf(mail)[0]!;
    for (const part of [text, html]) expect(part).toContain('and 2 more');
    expect(text!.match(/Bill \d/g)).toEqual(['Bill 7', 'Bill 6', 'Bill 5', 'Bill 4', 'Bill 3']);
  });

  it('is an ordinary mail if it contains one notification', async () => {
    const mail = await digestMailing(api);
    await notify(mail, { title: 'Only one', body: 'x'.repeat(1000) });
    await expectDeliveryCount(mail, 1);
    await makeDue(api, mail);
    await expectStatuses(mail, 'sent');
    expect(mailsOf(mail)).toMatchObject([
      { subject: 'Only one', text: expect.stringContaining('x'.repeat(1000)) },
    ]);
  });

  it('contains messages by default, several of one conversation in one mail', async () => {
    const mail = await mailing(api);
    const ann = { ...mail.ann, client: mail.asAnn };
    const bob = await person(api, mail.organization, { display_name: 'Bob' });
    const eve = await person(api, mail.organization, { display_name: 'Eve' });
    // One by one, since the relay may be quicker with a later one.
    await send(bob, ann, 'one');
    await expectDeliveryCount(mail, 1);
    await send(bob, ann, 'two');
    await expectDeliveryCount(mail, 2);
    await startGroup(eve, [ann, bob]);
    await expectDeliveryCount(mail, 3);
    await makeDue(api, mail);
    // Bob is notified of the group too, and has no address.
    await expectStatuses(mail, 'sent', 'sent', 'sent');
    const { text, subject } = mailsOf(mail)[0]!;
    expect(subject).toMatch(/^3 notifications from /);
    expect(text).toMatch(/== Message \(3\) ==\s+Eve added you to Group\s+Bob\s+two\s+Bob\s+one\s/);
  });
});

it(
  'splits 250 notifications into two mails, the second right after the first',
  { timeout: 60_000 },
  async () => {
    const mail = await digestMailing(api);
    await notify(mail);
    await expectDeliveryCount(mail, 1);
    // As many by the API would take a minute.
    await api.database.query(
      `WITH more AS (
       INSERT INTO notifications SELECT (jsonb_populate_record(notifications, jsonb_build_object(
         'id', gen_random_uuid(), 'source_id', gen_random_uuid(), 'seq', seq + number))).*
       FROM notifications CROSS JOIN generate_series(1, 249) AS number WHERE user_id = $1
       RETURNING organization_id, id, user_id)
     INSERT INTO deliveries (organization_id, id, notification_id, user_id, channel, target_id, digest, due_at)
     SELECT organization_id, gen_random_uuid(), id, user_id, 'email', user_id, 'hourly', now() FROM more`,
      [mail.ann.id],
    );
    await api.database.query(
      `UPDATE deliveries SET due_at = now() - interval '1 second' WHERE user_id = $1`,
      [mail.ann.id],
    );
    await recordRequested(api, mail, (await deliveries(mail))[0]!.id);
    await expect
      .poll(
        () =>
          api.database.query(`SELECT FROM deliveries WHERE user_id = $1 AND status = 'waiting'`, [
            mail.ann.id,
          ]),
        POLLING,
      )
      .toEqual([]);
    const sizes = mailsOf(mail).map(({ subject }) => Number.parseInt(subject!, 10));
    expect(sizes.toSorted((one, other) => one - other)).toEqual([50, 200]);
  },
);

import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { person, send, startGroup } from '../support/people.js';
import { useMailServer } from './mail-server.js';
import {
  type Mailing,
  PATIENCE,
  comeUp,
  deliveries,
  mailing,
  planned,
  recordRequested,
  settled,
  tell,
} from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const HOURLY = { types: { BILLING: { email: 'hourly' }, SYSTEM: { email: 'hourly' } } };

/** Ann gets her bills and news gathered. */
async function gathering(): Promise<Mailing> {
  const mail = await mailing(api);
  await mail.asAnn.patch('preferences', HOURLY);
  return mail;
}

const mailsOf = ({ ann }: Mailing) => server.of(ann.email);

describe('what is gathered', () => {
  it('is due at the full hour, or at eight by the clock of the person', async () => {
    const mail = await mailing(api, { time_zone: 'Asia/Kolkata' });
    await mail.asAnn.patch('preferences', {
      types: { BILLING: { email: 'hourly' }, SYSTEM: { email: 'daily' } },
    });
    const before = Date.now();
    await tell(mail, { type: 'BILLING' });
    await tell(mail, { type: 'SYSTEM' });
    await planned(mail, 2);
    const [hourly, daily] = await deliveries(mail);
    expect(hourly).toMatchObject({ digest: 'hourly', due_at: expect.stringMatching(/:00:00\.000Z$/) });
    expect(daily).toMatchObject({ digest: 'daily', due_at: expect.stringMatching(/T02:30:00\.000Z$/) });
    for (const { due_at } of [hourly!, daily!]) expect(Date.parse(due_at)).toBeGreaterThan(before);
    expect(Date.parse(hourly!.due_at)).toBeLessThanOrEqual(before + 3_600_000 + 60_000);
    expect(mailsOf(mail)).toEqual([]);
  });

  it('comes as one mail, by type and by what belongs together, the newest first', async () => {
    const mail = await gathering();
    for (const title of ['Bill A1', 'Bill A2']) await tell(mail, { title, group_key: 'a' });
    await tell(mail, { title: 'Bill B' });
    await tell(mail, { title: 'Bill A3', group_key: 'a', body: 'x'.repeat(1000) });
    const news = await tell(mail, { type: 'SYSTEM', title: 'News <now>', action_url: 'https://a.example/1' });
    await planned(mail, 5);
    await comeUp(api, mail);
    await settled(mail, 'sent', 'sent', 'sent', 'sent', 'sent');
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

  it('says how many more there are of what belongs together', async () => {
    const mail = await gathering();
    for (let number = 1; number <= 7; number++) {
      await tell(mail, { title: `Bill ${number}`, group_key: 'a' });
    }
    await planned(mail, 7);
    await comeUp(api, mail);
    await expect.poll(() => mailsOf(mail).length, PATIENCE).toBe(1);
    const { text, html } = mailsOf(mail)[0]!;
    for (const part of [text, html]) expect(part).toContain('and 2 more');
    expect(text!.match(/Bill \d/g)).toEqual(['Bill 7', 'Bill 6', 'Bill 5', 'Bill 4', 'Bill 3']);
  });

  it('is a mail like any other where it is but one', async () => {
    const mail = await gathering();
    await tell(mail, { title: 'Only one', body: 'x'.repeat(1000) });
    await planned(mail, 1);
    await comeUp(api, mail);
    await settled(mail, 'sent');
    expect(mailsOf(mail)).toMatchObject([
      { subject: 'Only one', text: expect.stringContaining('x'.repeat(1000)) },
    ]);
  });

  it('are messages by default: several of a conversation in one mail', async () => {
    const mail = await mailing(api);
    const ann = { ...mail.ann, client: mail.asAnn };
    const bob = await person(api, mail.organization, { display_name: 'Bob' });
    const eve = await person(api, mail.organization, { display_name: 'Eve' });
    // One by one, since the relay may be quicker with a later one.
    await send(bob, ann, 'one');
    await planned(mail, 1);
    await send(bob, ann, 'two');
    await planned(mail, 2);
    await startGroup(eve, [ann, bob]);
    await planned(mail, 3);
    await comeUp(api, mail);
    // The group's opening is told to Bob as well, who has no address.
    await settled(mail, 'sent', 'sent', 'sent');
    const { text, subject } = mailsOf(mail)[0]!;
    expect(subject).toMatch(/^3 notifications from /);
    expect(text).toMatch(/== Message \(3\) ==\s+Eve added you to Group\s+Bob\s+two\s+Bob\s+one\s/);
  });
});

describe('what has changed until then', () => {
  it('is left out: what was read, taken back or turned off, and whom the person blocks', async () => {
    const mail = await mailing(api);
    const ann = { ...mail.ann, client: mail.asAnn };
    const bob = await person(api, mail.organization);
    const eve = await person(api, mail.organization);
    await mail.asAnn.patch('preferences', HOURLY);
    const { thread_id } = await send(bob, ann, 'read in its thread');
    await planned(mail, 1);
    await mail.asAnn.post(`messages/threads/${thread_id}/read`);
    await send(eve, ann, 'from somebody who is blocked');
    await planned(mail, 2);
    const read = await tell(mail, { title: 'Read' });
    const { body } = await mail.service.post('notifications', {
      to: { users: [ann.id] },
      type: 'BILLING',
      title: 'Taken back',
      body: 'x',
    });
    await tell(mail, { type: 'SYSTEM', title: 'Turned off' });
    await tell(mail, { title: 'Left' });
    await planned(mail, 6);
    await mail.asAnn.patch(`notifications/${read}`, { status: 'read' });
    await mail.service.delete(`notifications/requests/${body.id}`);
    await mail.asAnn.post(`messages/users/${eve.id}/block`);
    await mail.asAnn.patch('preferences', { types: { SYSTEM: { email: 'off' } } });
    await expect
      .poll(
        () =>
          api.database.query(
            `SELECT FROM notifications WHERE user_id = $1 AND read_at IS NULL AND deleted_at IS NULL`,
            [ann.id],
          ),
        PATIENCE,
      )
      .toHaveLength(3);
    await comeUp(api, mail);
    await settled(mail, 'cancelled', 'cancelled', 'cancelled', 'cancelled', 'cancelled', 'sent');
    expect(mailsOf(mail).map(({ subject }) => subject)).toEqual(['Left']);
  });

  it('can leave nothing, and then there is no mail', async () => {
    const mail = await gathering();
    await tell(mail);
    await tell(mail);
    await planned(mail, 2);
    await mail.asAnn.post('notifications/read-all');
    await comeUp(api, mail);
    await settled(mail, 'cancelled', 'cancelled');
    expect(mailsOf(mail)).toEqual([]);
  });

  it('can delay it as a whole, and does not count as an attempt', async () => {
    const mail = await gathering();
    await tell(mail);
    await tell(mail, { type: 'SYSTEM' });
    await planned(mail, 2);
    await mail.asAnn.patch('preferences', { paused_until: '2099-01-01T00:00:00Z' });
    await comeUp(api, mail);
    const later = { status: 'waiting', attempts: 0, due_at: '2099-01-01T00:00:00.000Z' };
    await expect.poll(() => deliveries(mail), PATIENCE).toMatchObject([later, later]);
    await mail.asAnn.patch('preferences', { paused_until: null });
    await comeUp(api, mail);
    await settled(mail, 'sent', 'sent');
    expect(mailsOf(mail)).toHaveLength(1);
  });
});

describe('a digest that the server refuses', () => {
  it('for now is tried again as a whole, with what has come meanwhile; the notifications are mailed once', async () => {
    const mail = await gathering();
    server.refuse(mail.ann.email, { code: 451, words: 'Too busy' });
    await tell(mail, { title: 'One' });
    await tell(mail, { title: 'Two' });
    await planned(mail, 2);
    await comeUp(api, mail);
    const failed = { status: 'waiting', attempts: 1, last_error: expect.stringContaining('451 Too busy') };
    await expect.poll(() => deliveries(mail), PATIENCE).toMatchObject([failed, failed]);
    const [one, two] = await deliveries(mail);
    expect(one!.due_at).toBe(two!.due_at);
    expect(Date.parse(one!.due_at)).toBeGreaterThan(Date.now() + 30_000);
    await tell(mail, { title: 'Three' });
    await planned(mail, 3);
    await comeUp(api, mail);
    await settled(mail, 'sent', 'sent', 'sent');
    expect(mailsOf(mail).map(({ subject }) => subject)).toEqual([
      `3 notifications from ${mail.organization.name}`,
    ]);
  });

  it('for good has failed as a whole', async () => {
    const mail = await gathering();
    server.refuse(mail.ann.email, { code: 550, words: 'No such mailbox' });
    await tell(mail);
    await tell(mail);
    await planned(mail, 2);
    await comeUp(api, mail);
    await settled(mail, 'failed', 'failed');
    for (const { last_error } of await deliveries(mail)) expect(last_error).toContain('550 No such mailbox');
  });
});

it(
  'more than one mail can tell of comes in two, one right after the other',
  { timeout: 60_000 },
  async () => {
    const mail = await gathering();
    await tell(mail);
    await planned(mail, 1);
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
        PATIENCE,
      )
      .toEqual([]);
    const told = mailsOf(mail).map(({ subject }) => Number.parseInt(subject!, 10));
    expect(told.toSorted((one, other) => one - other)).toEqual([50, 200]);
  },
);

it('what a worker holds that has died comes up when its time is over', async () => {
  const mail = await gathering();
  await tell(mail, { title: 'Held' });
  await tell(mail, { title: 'Free' });
  await planned(mail, 2);
  await api.database.query(
    `UPDATE deliveries SET due_at = date_trunc('second', now()),
       leased_until = CASE WHEN id = $1 THEN now() + interval '2 seconds' END, attempts = (id = $1)::integer
     WHERE user_id = $2`,
    [(await deliveries(mail))[0]!.id, mail.ann.id],
  );
  await recordRequested(api, mail, (await deliveries(mail))[1]!.id);
  await settled(mail, 'waiting', 'sent');
  await settled(mail, 'sent', 'sent');
  expect(mailsOf(mail).map(({ subject }) => subject)).toEqual(['Free', 'Held']);
});

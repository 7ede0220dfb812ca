import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { headerOf, useMailServer } from './mail-server.js';
import {
  POLLING,
  makeDue,
  deliveries,
  mailing,
  expectDeliveryCount,
  expectStatuses,
  notify,
} from './mailing.js';

const server = await useMailServer();
const PUBLIC_URL = 'https://tidings.example/base';
const api = useApi({
  publicUrl: PUBLIC_URL,
  mail: { from: 'Tidings <tidings@example.com>', smtpUrl: server.url },
});

const mailsFor = (address: string, count: number) =>
  expect.poll(() => server.of(address).length, POLLING).toBe(count);

describe('an e-mail notification', () => {
  it('arrives as one mail in text and HTML with sender, recipient and unsubscribe headers', async () => {
    const mail = await mailing(api, { display_name: 'Ann Lee' });
    await notify(mail, { body: 'First line.\nSecond line.', action_url: 'https://clinic.example/i?a=1&b=2' });
    await expectStatuses(mail, 'sent');
    expect(server.of(mail.ann.email)).toHaveLength(1);
    const [received] = server.of(mail.ann.email);
    const [delivery] = await deliveries(mail);
    expect(received).toMatchObject({
      subject: 'Your invoice is there',
      from: { name: 'Tidings', address: 'tidings@example.com' },
      to: [{ name: 'Ann Lee', address: mail.ann.email }],
      recipients: [mail.ann.email],
      messageId: `<${delivery!.id}@tidings.example>`,
    });
    for (const part of [received!.text!, received!.html!.replaceAll('&amp;', '&')]) {
      expect(part).toContain('Hello Ann Lee,');
      expect(part).toContain('First line.\nSecond line.');
      expect(part).toContain('https://clinic.example/i?a=1&b=2');
      expect(part).toContain(
        `because ${mail.organization.name} notifies its members by e-mail about: Billing`,
      );
      expect(part).toContain(`${PUBLIC_URL}/api/v1/unsubscribe/`);
    }
    expect(headerOf(received!, 'List-Unsubscribe')).toEqual([
      expect.stringMatching(/^<https:\/\/tidings\.example\/base\/api\/v1\/unsubscribe\/[\w-]+>$/),
    ]);
    expect(headerOf(received!, 'List-Unsubscribe-Post')).toEqual(['List-Unsubscribe=One-Click']);
    expect(headerOf(received!, 'Auto-Submitted')).toEqual(['auto-generated']);
    expect(Date.parse(headerOf(received!, 'Date')[0]!)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('is shown as mailed once the server has accepted it, and is not sent again', async () => {
    const mail = await mailing(api);
    const id = await notify(mail);
    await expectStatuses(mail, 'sent');
    expect((await mail.asAnn.get(`notifications/${id}`)).body).toMatchObject({ delivered_via_email: true });
    const [sent] = await deliveries(mail);
    await api.database.query(`UPDATE deliveries SET status = 'waiting' WHERE id = $1`, [sent!.id]);
    await makeDue(api, mail);
    await mailsFor(mail.ann.email, 2);
    // Twice because the test simulates a crash. The recipient can recognise the copy.
    expect(new Set(server.of(mail.ann.email).map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('says that the person chose it, if they did', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', { types: { SYSTEM: { email: 'on' } } });
    await notify(mail, { type: 'SYSTEM' });
    await mailsFor(mail.ann.email, 1);
    expect(server.of(mail.ann.email)[0]!.text).toContain('because you chose to get e-mail from');
  });

  it('is not sent to people without an address or with e-mail turned off', async () => {
    const mail = await mailing(api);
    const bob = await api.build.member({ organization: mail.organization });
    const eve = await api.build.member({ organization: mail.organization, email: 'eve@example.com' });
    await (await api.as(eve)).patch('preferences', { channels: { email: 'off' } });
    await mail.service.post('notifications', {
      to: { users: [bob.id, eve.id, mail.ann.id] },
      type: 'BILLING',
      title: 'x',
      body: 'x',
    });
    await expectStatuses(mail, 'sent');
    expect(server.of('eve@example.com')).toEqual([]);
  });

  it('escapes its text in HTML and in headers', async () => {
    const mail = await mailing(api, { display_name: 'Ann\r\nBcc: evil@example.com' });
    await notify(mail, {
      title: '<script>alert("a")</script>\r\nBcc: evil@example.com\r\n\r\n<h1>Hello',
      body: `<img src=x onerror='alert(1)'> & so on`,
      action_url: 'https://clinic.example/"><script>alert(2)</script>',
    });
    await mailsFor(mail.ann.email, 1);
    const [received] = server.of(mail.ann.email);
    expect(received).toMatchObject({
      recipients: [mail.ann.email],
      subject: '<script>alert("a")</script> Bcc: evil@example.com  <h1>Hello',
    });
    for (const name of ['Bcc', 'Cc']) expect(headerOf(received!, name)).toEqual([]);
    expect(server.of('evil@example.com')).toEqual([]);
    expect(received!.html).not.toMatch(/<script|<img|<h1>Hello|onerror='/);
    expect(received!.html).toContain('&lt;img src=x onerror=&#39;alert(1)&#39;&gt; &amp; so on');
    expect(received!.text).toContain(`<img src=x onerror='alert(1)'> & so on`);
  });
});

describe('a mail that the mail server refuses', () => {
  it('fails after a 5xx with the server’s message, and keeps the notification', async () => {
    const mail = await mailing(api);
    server.refuse(mail.ann.email, { code: 550, words: '5.1.1 No such mailbox here' });
    const id = await notify(mail);
    await expectStatuses(mail, 'failed');
    expect(await deliveries(mail)).toMatchObject([
      { attempts: 1, last_error: 'The mail server refused it: 550 5.1.1 No such mailbox here' },
    ]);
    expect((await mail.asAnn.get(`notifications/${id}`)).body).toMatchObject({
      delivered_via_email: false,
      status: 'unread',
    });
  });

  it('is retried after a 4xx, and arrives once', async () => {
    const mail = await mailing(api);
    server.refuse(mail.ann.email, { code: 451, words: '4.7.1 Greylisted' });
    await notify(mail);
    await expect
      .poll(() => deliveries(mail), POLLING)
      .toMatchObject([
        {
          status: 'waiting',
          attempts: 1,
          last_error: 'The mail server did not take it: 451 4.7.1 Greylisted',
        },
      ]);
    const [waiting] = await deliveries(mail);
    expect(Date.parse(waiting!.due_at)).toBeGreaterThan(Date.now() + 30_000);
    await makeDue(api, mail);
    await expectStatuses(mail, 'sent');
    expect(await deliveries(mail)).toMatchObject([{ attempts: 2, last_error: null }]);
    expect(server.of(mail.ann.email)).toHaveLength(1);
  });

  it('can be retried by an admin after a 5xx, once the address is corrected', async () => {
    const mail = await mailing(api);
    server.refuse(mail.ann.email, { code: 550, words: 'No such mailbox' });
    await notify(mail);
    await expectStatuses(mail, 'failed');
    const [failed] = await deliveries(mail);
    expect((await mail.admin.post(`admin/deliveries/${failed!.id}/retry`)).status).toBe(200);
    await expectStatuses(mail, 'sent');
    expect(server.of(mail.ann.email)).toHaveLength(1);
  });
});

it('fails a mail that cannot be composed with the reason, and keeps the notification', async () => {
  const mail = await mailing(api);
  await api.database.query(
    `INSERT INTO organization_keys (organization_id, purpose, secret) VALUES ($1, 'unsubscribe', '{}')`,
    [mail.organization.id],
  );
  const id = await notify(mail);
  await expectStatuses(mail, 'failed');
  expect((await deliveries(mail))[0]!.last_error).toMatch(/^The mail could not be composed: TypeError/);
  expect((await mail.asAnn.get(`notifications/${id}`)).status).toBe(200);
});

describe('a delayed mail', () => {
  const PAUSE = { paused_until: '2099-01-01T00:00:00Z' };
  const ALWAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

  it('waits for the end of a pause or of quiet hours, unless it is urgent', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', PAUSE);
    await notify(mail);
    await expectDeliveryCount(mail, 1);
    expect(await deliveries(mail)).toMatchObject([{ status: 'waiting', due_at: '2099-01-01T00:00:00.000Z' }]);
    await mail.asAnn.patch('preferences', {
      paused_until: null,
      quiet_hours: { time_zone: 'UTC', windows: [{ days: ALWAYS, from: '00:01', to: '00:00' }] },
    });
    await notify(mail, { title: 'Now', priority: 'urgent' });
    await expectStatuses(mail, 'waiting', 'sent');
    await makeDue(api, mail);
    await expect.poll(async () => (await deliveries(mail))[0]!.due_at, POLLING).toMatch(/T00:00:00.000Z$/);
    expect(server.of(mail.ann.email).map(({ subject }) => subject)).toEqual(['Now']);
  });

  it.each<[string, (mail: Awaited<ReturnType<typeof mailing>>, id: string) => Promise<unknown>, string]>([
    ['read', (mail, id) => mail.asAnn.patch(`notifications/${id}`, { status: 'read' }), 'read'],
    ['deleted', (mail, id) => mail.asAnn.delete(`notifications/${id}`), 'deleted'],
    [
      'turned off',
      (mail) => mail.asAnn.patch('preferences', { types: { BILLING: { email: 'off' } } }),
      'turned_off',
    ],
  ])('is not sent if it has been %s meanwhile', async (_what, change, reason) => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', PAUSE);
    const id = await notify(mail);
    await expectDeliveryCount(mail, 1);
    await change(mail, id);
    // The end of the pause releases it: from here on it may be sent at any moment.
    await mail.asAnn.patch('preferences', { paused_until: null });
    await makeDue(api, mail);
    await expectStatuses(mail, 'cancelled');
    expect(await deliveries(mail)).toMatchObject([{ last_error: null, reason }]);
    expect(server.of(mail.ann.email)).toEqual([]);
  });
});

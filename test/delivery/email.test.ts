import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { headerOf, useMailServer } from './mail-server.js';
import { PATIENCE, comeUp, deliveries, mailing, planned, settled, tell } from './mailing.js';

const server = await useMailServer();
const PUBLIC_URL = 'https://tidings.example/base';
const api = useApi({
  publicUrl: PUBLIC_URL,
  mail: { from: 'Tidings <tidings@example.com>', smtpUrl: server.url },
});

const mailsFor = (address: string, count: number) =>
  expect.poll(() => server.of(address).length, PATIENCE).toBe(count);

describe('a notification of a type that is mailed', () => {
  it('arrives as one mail in text and HTML, from whom, for whom, and with a way out', async () => {
    const mail = await mailing(api, { display_name: 'Ann Lee' });
    await tell(mail, { body: 'First line.\nSecond line.', action_url: 'https://clinic.example/i?a=1&b=2' });
    await settled(mail, 'sent');
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
      expect(part).toContain(`because ${mail.organization.name} tells its members by e-mail about: Billing`);
      expect(part).toContain(`${PUBLIC_URL}/api/v1/unsubscribe/`);
    }
    expect(headerOf(received!, 'List-Unsubscribe')).toEqual([
      expect.stringMatching(/^<https:\/\/tidings\.example\/base\/api\/v1\/unsubscribe\/[\w-]+>$/),
    ]);
    expect(headerOf(received!, 'List-Unsubscribe-Post')).toEqual(['List-Unsubscribe=One-Click']);
    expect(headerOf(received!, 'Auto-Submitted')).toEqual(['auto-generated']);
    expect(Date.parse(headerOf(received!, 'Date')[0]!)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('is shown as mailed once the server has it, and is not sent again', async () => {
    const mail = await mailing(api);
    const id = await tell(mail);
    await settled(mail, 'sent');
    expect((await mail.asAnn.get(`notifications/${id}`)).body).toMatchObject({ delivered_via_email: true });
    const [sent] = await deliveries(mail);
    await api.database.query(`UPDATE deliveries SET status = 'waiting' WHERE id = $1`, [sent!.id]);
    await comeUp(api, mail);
    await mailsFor(mail.ann.email, 2);
    // Twice only since a crash was played; and then whoever gets it can tell.
    expect(new Set(server.of(mail.ann.email).map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('says who chose it, where it was the person', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', { types: { SYSTEM: { email: 'on' } } });
    await tell(mail, { type: 'SYSTEM' });
    await mailsFor(mail.ann.email, 1);
    expect(server.of(mail.ann.email)[0]!.text).toContain('because you have chosen to hear from');
  });

  it('goes to nobody without an address, and to nobody who has turned it off', async () => {
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
    await settled(mail, 'sent');
    expect(server.of('eve@example.com')).toEqual([]);
  });

  it('is text, whatever it holds: in the body of HTML, and in headers', async () => {
    const mail = await mailing(api, { display_name: 'Ann\r\nBcc: evil@example.com' });
    await tell(mail, {
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

describe('a mail that the server refuses', () => {
  it('for good has failed, with the words of the server; the notification stays', async () => {
    const mail = await mailing(api);
    server.refuse(mail.ann.email, { code: 550, words: '5.1.1 No such mailbox here' });
    const id = await tell(mail);
    await settled(mail, 'failed');
    expect(await deliveries(mail)).toMatchObject([
      { attempts: 1, last_error: 'The mail server refused it: 550 5.1.1 No such mailbox here' },
    ]);
    expect((await mail.asAnn.get(`notifications/${id}`)).body).toMatchObject({
      delivered_via_email: false,
      status: 'unread',
    });
  });

  it('for now is tried again, and arrives once', async () => {
    const mail = await mailing(api);
    server.refuse(mail.ann.email, { code: 451, words: '4.7.1 Greylisted' });
    await tell(mail);
    await expect
      .poll(() => deliveries(mail), PATIENCE)
      .toMatchObject([
        {
          status: 'waiting',
          attempts: 1,
          last_error: 'The mail server did not take it: 451 4.7.1 Greylisted',
        },
      ]);
    const [waiting] = await deliveries(mail);
    expect(Date.parse(waiting!.due_at)).toBeGreaterThan(Date.now() + 30_000);
    await comeUp(api, mail);
    await settled(mail, 'sent');
    expect(await deliveries(mail)).toMatchObject([{ attempts: 2, last_error: null }]);
    expect(server.of(mail.ann.email)).toHaveLength(1);
  });

  it('for good can be tried again by an admin, once the address is right', async () => {
    const mail = await mailing(api);
    server.refuse(mail.ann.email, { code: 550, words: 'No such mailbox' });
    await tell(mail);
    await settled(mail, 'failed');
    const [failed] = await deliveries(mail);
    expect((await mail.admin.post(`admin/deliveries/${failed!.id}/retry`)).status).toBe(200);
    await settled(mail, 'sent');
    expect(server.of(mail.ann.email)).toHaveLength(1);
  });
});

it('a mail that cannot be composed has failed, and says why; the notification stays', async () => {
  const mail = await mailing(api);
  await api.database.query(
    `INSERT INTO organization_keys (organization_id, purpose, secret) VALUES ($1, 'unsubscribe', '{}')`,
    [mail.organization.id],
  );
  const id = await tell(mail);
  await settled(mail, 'failed');
  expect((await deliveries(mail))[0]!.last_error).toMatch(/^The mail could not be composed: TypeError/);
  expect((await mail.asAnn.get(`notifications/${id}`)).status).toBe(200);
});

describe('a mail that has to wait', () => {
  const PAUSE = { paused_until: '2099-01-01T00:00:00Z' };
  const ALWAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

  it('for a pause or for quiet hours is not sent before; one that is urgent is', async () => {
    const mail = await mailing(api);
    await mail.asAnn.patch('preferences', PAUSE);
    await tell(mail);
    await planned(mail, 1);
    expect(await deliveries(mail)).toMatchObject([{ status: 'waiting', due_at: '2099-01-01T00:00:00.000Z' }]);
    await mail.asAnn.patch('preferences', {
      paused_until: null,
      quiet_hours: { time_zone: 'UTC', windows: [{ days: ALWAYS, from: '00:01', to: '00:00' }] },
    });
    await tell(mail, { title: 'Now', priority: 'urgent' });
    await settled(mail, 'waiting', 'sent');
    await comeUp(api, mail);
    await expect.poll(async () => (await deliveries(mail))[0]!.due_at, PATIENCE).toMatch(/T00:00:00.000Z$/);
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
    const id = await tell(mail);
    await planned(mail, 1);
    await change(mail, id);
    // The end of the pause releases it: from here on it may be sent at any moment.
    await mail.asAnn.patch('preferences', { paused_until: null });
    await comeUp(api, mail);
    await settled(mail, 'cancelled');
    expect(await deliveries(mail)).toMatchObject([{ last_error: null, reason }]);
    expect(server.of(mail.ann.email)).toEqual([]);
  });
});

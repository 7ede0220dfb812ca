import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import { useMailServer } from './mail-server.js';
import { POLLING, makeDue, mailing, expectDeliveryCount, notify } from './mailing.js';
import { explicit, linkOf, mailedLink } from './unsubscribe-links.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

const mailed = () => mailedLink(api, server);

const form = (type: string): Client => api.anybody.with({ 'Content-Type': type });
const ONE_CLICK = 'List-Unsubscribe=One-Click';
const WAYS: [string, (link: string) => ReturnType<Client['send']>][] = [
  ['a mail program does', (link) => form('application/x-www-form-urlencoded').send('POST', link, ONE_CLICK)],
  [
    'a mail program may do as well',
    (link) =>
      form('multipart/form-data; boundary=b').send(
        'POST',
        link,
        '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
      ),
  ],
  ['a program does', (link) => api.anybody.post(link, {})],
  ['somebody does who sends nothing', (link) => api.anybody.send('POST', link)],
];

describe('the unsubscribe link of a mail', () => {
  it('shows a form on GET and changes nothing, because mail programs prefetch links', async () => {
    const mail = await mailed();
    const { status, headers, text } = await api.anybody.get(mail.link);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(text).toContain('<form method="post">');
    expect(text).toContain(`${mail.organization.name} will not send you e-mail about Billing any more`);
    expect(await explicit(mail)).toEqual({ global: {}, organization: {} });
  });

  it('shows a page without scripts and remote content, with the style that its CSP allows', async () => {
    const { link } = await mailed();
    const { headers, text } = await api.anybody.get(link);
    const style = /<style>(.*)<\/style>/s.exec(text)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(text).not.toMatch(/<script|style="/);
  });

  it.each(WAYS)('turns off e-mail of its type if posted to as %s, repeatedly', async (_who, post) => {
    const mail = await mailed();
    for (let time = 0; time < 2; time++) {
      const { status, headers, text } = await post(mail.link);
      expect({ status, text }).toMatchObject({
        status: 200,
        text: expect.stringContaining('You are unsubscribed'),
      });
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
    }
    expect(await explicit(mail)).toEqual({
      global: {},
      organization: { types: { BILLING: { email: 'off' } } },
    });
    const { effective } = (await mail.asAnn.get('preferences')).body;
    expect(effective).toMatchObject({
      BILLING: { in_app: { value: 'on' } },
      APPOINTMENT: { email: { value: 'on' } },
    });
    expect((await api.anybody.get(mail.link)).text).toContain('You are unsubscribed');
    await notify(mail);
    await notify(mail, { type: 'APPOINTMENT', title: 'Still wanted' });
    await expect.poll(() => server.of(mail.ann.email).length, POLLING).toBe(2);
    expect(server.of(mail.ann.email)[1]!.subject).toBe('Still wanted');
  });

  it('overrides what the person chose for all organizations, and leaves other choices', async () => {
    const mail = await mailed();
    await mail.asAnn.patch('preferences?scope=global', { types: { BILLING: { email: 'on' } } });
    await mail.asAnn.patch('preferences', {
      types: { BILLING: { web_push: 'off' } },
      channels: { email: 'on' },
    });
    expect((await api.anybody.post(mail.link)).status).toBe(200);
    expect(await explicit(mail)).toEqual({
      global: { types: { BILLING: { email: 'on' } } },
      organization: {
        types: { BILLING: { web_push: 'off', email: 'off' } },
        channels: { email: 'on' },
      },
    });
  });

  it('turns off all digests of the organization if it is the link of a digest, and no other mail', async () => {
    const mail = await mailing(api);
    const digests = { types: { BILLING: { email: 'daily' }, SYSTEM: { email: 'hourly' } } };
    await mail.asAnn.patch('preferences', digests);
    await notify(mail);
    await notify(mail, { type: 'SYSTEM' });
    await expectDeliveryCount(mail, 2);
    await makeDue(api, mail);
    const link = await linkOf(server, mail);
    expect((await api.anybody.get(link)).text).toContain('will not send you e-mail in digests any more');
    for (let time = 0; time < 2; time++) expect((await api.anybody.post(link)).status).toBe(200);
    expect((await explicit(mail)).organization).toEqual({
      types: { BILLING: { email: 'off' }, SYSTEM: { email: 'off' }, MESSAGE: { email: 'off' } },
    });
    const { effective } = (await mail.asAnn.get('preferences')).body;
    expect(effective.APPOINTMENT.email.value).toBe('on');
  });

  it('shows a page that escapes the name of the organization', async () => {
    const mail = await mailed();
    await api
      .platform()
      .put(`organizations/${mail.organization.id}`, { name: '<img src=x onerror=alert(1)>' });
    const { text } = await api.anybody.get(mail.link);
    expect(text).not.toContain('<img');
    expect(text).toContain('&lt;img src=x');
  });
});

describe('the unsubscribe link of a locked or mandatory e-mail', () => {
  it('shows no form, and answers POST with 409 without a change, if the organization has locked it', async () => {
    const mail = await mailed();
    const locked = { types: { BILLING: { email: 'on' } }, locked: ['types.BILLING.email'] };
    expect((await mail.admin.patch('admin/preferences', locked)).status).toBe(200);
    const page = await api.anybody.get(mail.link);
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('cannot be turned off') });
    expect(page.text).not.toContain('<form');
    expect(await api.anybody.post(mail.link)).toMatchObject({
      status: 409,
      body: { code: 'preference_locked' },
    });
    expect(await explicit(mail)).toEqual({ global: {}, organization: {} });
  });

  it('shows no form, and answers POST with 409, if e-mail is mandatory for the type', async () => {
    const mail = await mailing(api);
    const recall = { default_channels: { email: 'on' }, mandatory_channels: ['email'] };
    const type = { ...recall, aggregation_window_seconds: 0, retention_days: 30 };
    expect((await mail.admin.put('admin/notification-types/RECALL', type)).status).toBe(201);
    await mail.service.post('notifications', {
      to: { users: [mail.ann.id] },
      type: 'RECALL',
      title: 'x',
      body: 'x',
    });
    const link = await linkOf(server, mail);
    expect((await api.anybody.get(link)).text).toContain('This e-mail cannot be turned off');
    expect((await api.anybody.post(link)).status).toBe(409);
    await mail.admin.delete('admin/notification-types/RECALL');
    expect((await api.anybody.post(link)).status).toBe(200);
  });
});

it('refuses a form on every other route', async () => {
  const mail = await mailing(api);
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=b']) {
    const answer = await mail.asAnn.with({ 'Content-Type': type }).send('POST', 'messages/send', ONE_CLICK);
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  }
});

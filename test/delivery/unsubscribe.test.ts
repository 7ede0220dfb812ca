import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import { headerOf, useMailServer } from './mail-server.js';
import { type Mailing, PATIENCE, comeUp, mailing, planned, tell } from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

/** The path of the link in the newest mail for Ann. */
async function linkOf({ ann }: Mailing, count = 1): Promise<string> {
  await expect.poll(() => server.of(ann.email).length, PATIENCE).toBe(count);
  const [header] = headerOf(server.of(ann.email).at(-1)!, 'List-Unsubscribe');
  const { origin, pathname } = new URL(header!.slice(1, -1));
  expect(origin).toBe('http://localhost:3000');
  return pathname;
}

async function mailed(given: object = {}): Promise<Mailing & { link: string }> {
  const mail = await mailing(api);
  await tell(mail, given);
  return { ...mail, link: await linkOf(mail) };
}

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

const explicit = async ({ asAnn }: Mailing) => (await asAnn.get('preferences')).body.explicit;

describe('the link of a mail', () => {
  it('shows a form and changes nothing, as mail programs follow links by themselves', async () => {
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

  it('runs nothing, loads nothing, and has the style that its policy names', async () => {
    const { link } = await mailed();
    const { headers, text } = await api.anybody.get(link);
    const style = /<style>(.*)<\/style>/s.exec(text)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(text).not.toMatch(/<script|style="/);
  });

  it.each(WAYS)('ends e-mail of its type, posted to as %s; again and again', async (_who, post) => {
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
    await tell(mail);
    await tell(mail, { type: 'APPOINTMENT', title: 'Still wanted' });
    await expect.poll(() => server.of(mail.ann.email).length, PATIENCE).toBe(2);
    expect(server.of(mail.ann.email)[1]!.subject).toBe('Still wanted');
  });

  it('goes before what the person has chosen for all organizations, and leaves other choices', async () => {
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

  it('of a digest ends all digests of the organization, and no other mail', async () => {
    const mail = await mailing(api);
    const gathered = { types: { BILLING: { email: 'daily' }, SYSTEM: { email: 'hourly' } } };
    await mail.asAnn.patch('preferences', gathered);
    await tell(mail);
    await tell(mail, { type: 'SYSTEM' });
    await planned(mail, 2);
    await comeUp(api, mail);
    const link = await linkOf(mail);
    expect((await api.anybody.get(link)).text).toContain('will not send you e-mail in digests any more');
    for (let time = 0; time < 2; time++) expect((await api.anybody.post(link)).status).toBe(200);
    expect((await explicit(mail)).organization).toEqual({
      types: { BILLING: { email: 'off' }, SYSTEM: { email: 'off' }, MESSAGE: { email: 'off' } },
    });
    const { effective } = (await mail.asAnn.get('preferences')).body;
    expect(effective.APPOINTMENT.email.value).toBe('on');
  });

  it('escapes the name of the organization', async () => {
    const mail = await mailed();
    await api
      .platform()
      .put(`organizations/${mail.organization.id}`, { name: '<img src=x onerror=alert(1)>' });
    const { text } = await api.anybody.get(mail.link);
    expect(text).not.toContain('<img');
    expect(text).toContain('&lt;img src=x');
  });
});

describe('where the organization does not leave it to people', () => {
  it('the page says so instead of a form, and nothing is changed: 409', async () => {
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

  it('the same holds for what is mandatory for a type', async () => {
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
    const link = await linkOf(mail);
    expect((await api.anybody.get(link)).text).toContain('This e-mail cannot be turned off');
    expect((await api.anybody.post(link)).status).toBe(409);
    await mail.admin.delete('admin/notification-types/RECALL');
    expect((await api.anybody.post(link)).status).toBe(200);
  });
});

describe('a link that we have not made', () => {
  it('is found nowhere, whatever is wrong with it, and changes nothing', async () => {
    const [mail, other] = [await mailed(), await mailed()];
    const token = mail.link.split('/').at(-1)!;
    const bytes = Buffer.from(token, 'base64url');
    const changed = (position: number) => {
      const copy = Buffer.from(bytes);
      copy[position]! ^= 1;
      return copy.toString('base64url');
    };
    const foreign = Buffer.from(other.link.split('/').at(-1)!, 'base64url');
    const forged = [
      'none',
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      `${token.slice(0, 20)}.${token.slice(20)}`,
      ...[...bytes.keys()].map(changed),
      // Of another organization, signed with the key of this one, and the other way round.
      Buffer.concat([foreign.subarray(0, 16), bytes.subarray(16)]).toString('base64url'),
      Buffer.concat([bytes.subarray(0, 16), foreign.subarray(16)]).toString('base64url'),
      // Another person, or another type.
      Buffer.concat([bytes.subarray(0, 16), foreign.subarray(16, 32), bytes.subarray(32)]).toString(
        'base64url',
      ),
      Buffer.concat([bytes.subarray(0, 32), bytes.subarray(-16)]).toString('base64url'),
    ];
    const answers = new Set<string>();
    for (const one of forged) {
      for (const method of ['GET', 'POST']) {
        const { status, body } = await api.anybody.send(method, `unsubscribe/${one}`);
        const { request_id: _id, ...problem } = body as Record<string, unknown>;
        answers.add(JSON.stringify({ status, problem }));
      }
    }
    expect([...answers]).toEqual([expect.stringContaining('"status":404')]);
    expect(await explicit(mail)).toEqual({ global: {}, organization: {} });
    expect((await api.anybody.post(mail.link)).status).toBe(200);
  });

  it('makes no key for an organization that has sent no mail', async () => {
    const organization = await api.build.organization();
    const bytes = Buffer.concat([Buffer.from(organization.id.replaceAll('-', ''), 'hex'), Buffer.alloc(32)]);
    expect((await api.anybody.get(`unsubscribe/${bytes.toString('base64url')}`)).status).toBe(404);
    expect(
      await api.database.query('SELECT FROM organization_keys WHERE organization_id = $1', [organization.id]),
    ).toEqual([]);
  });
});

it('no other route takes a form', async () => {
  const mail = await mailing(api);
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=b']) {
    const answer = await mail.asAnn.with({ 'Content-Type': type }).send('POST', 'messages/send', ONE_CLICK);
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  }
});

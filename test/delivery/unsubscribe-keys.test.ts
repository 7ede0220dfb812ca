import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { headerOf, useMailServer } from './mail-server.js';
import { type Mailing, POLLING, mailing, notify } from './mailing.js';

const server = await useMailServer();
const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: server.url } });

/** The path of the link in the next mail for Ann. */
async function nextLink(mail: Mailing): Promise<string> {
  const count = server.of(mail.ann.email).length;
  await notify(mail);
  await expect.poll(() => server.of(mail.ann.email).length, POLLING).toBe(count + 1);
  const [header] = headerOf(server.of(mail.ann.email).at(-1)!, 'List-Unsubscribe');
  return new URL(header!.slice(1, -1)).pathname;
}

const rotate = (mail: Mailing, given: object = {}) => mail.admin.post('admin/unsubscribe-keys/rotate', given);
const statuses = (...links: string[]) =>
  Promise.all(links.map(async (link) => (await api.anybody.get(link)).status));

const DAY = 24 * 3600_000;

it('signs new links with a new key after a rotation, and accepts old links for 60 days', async () => {
  const mail = await mailing(api);
  const before = await nextLink(mail);
  const { status, body } = await rotate(mail);
  expect(status).toBe(200);
  expect((Date.parse(body.previous_until) - Date.parse(body.rotated_at)) / DAY).toBe(60);
  const after = await nextLink(mail);
  expect(after).not.toBe(before);
  expect(await statuses(before, after)).toEqual([200, 200]);
  await rotate(mail);
  expect(await statuses(before, after, await nextLink(mail))).toEqual([200, 200, 200]);
});

it('refuses old links at once after a rotation with revoke_previous, like forged links', async () => {
  const mail = await mailing(api);
  const links = [await nextLink(mail)];
  await rotate(mail);
  links.push(await nextLink(mail));
  expect((await rotate(mail, { revoke_previous: true })).body).toMatchObject({ previous_until: null });
  expect(await statuses(...links, await nextLink(mail))).toEqual([404, 404, 200]);
});

it('rotates before any mail was sent, audits it without the key, and refuses the eleventh rotation', async () => {
  const mail = await mailing(api);
  for (let count = 1; count <= 10; count++) expect((await rotate(mail)).status).toBe(200);
  expect(await rotate(mail)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect((await rotate(mail, { revoke_previous: true })).status).toBe(200);
  expect((await mail.admin.get('admin/audit?limit=1')).body.data).toMatchObject([
    { action: 'unsubscribe_keys.rotate', target_type: 'organization', details: { revoke_previous: true } },
  ]);
});

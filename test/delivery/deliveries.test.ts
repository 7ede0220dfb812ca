import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { comeUp, deliveries, mailing, settled, tell } from './mailing.js';

const folder = mkdtempSync(`${tmpdir()}/tidings-mail-`);
const api = useApi({ mail: { from: 'Tidings <tidings@example.com>', folder } });

it('admins see deliveries newest first, page by page, by status and by channel', async () => {
  const mail = await mailing(api);
  await tell(mail);
  await settled(mail, 'sent');
  await mail.asAnn.patch('preferences', { channels: { email: 'daily' } });
  await tell(mail);
  await settled(mail, 'sent', 'waiting');
  const [sent, waiting] = (await deliveries(mail)).map(({ id }) => id);
  const ids = async (query: string) => {
    const { body } = await mail.admin.get(`admin/deliveries?${query}`);
    return (body.data as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids('')).toEqual([waiting, sent]);
  expect(await ids('status=waiting')).toEqual([waiting]);
  expect(await ids('status=sent&channel=email')).toEqual([sent]);
  expect(await ids('channel=webhook')).toEqual([]);
  const { next_cursor } = (await mail.admin.get('admin/deliveries?limit=1')).body;
  expect(await ids(`limit=1&cursor=${next_cursor}`)).toEqual([sent]);
  await comeUp(api, mail);
  await settled(mail, 'sent', 'sent');
});

it('what was sent is not sent again, and nobody elsewhere sees it', async () => {
  const mail = await mailing(api);
  await tell(mail);
  await settled(mail, 'sent');
  const [{ id } = { id: '' }] = await deliveries(mail);
  const retried = await mail.admin.post(`admin/deliveries/${id}/retry`);
  expect(retried).toMatchObject({ status: 409, body: { code: 'conflict' } });
  const { admin: stranger } = await api.build.organizationWithAdmin();
  expect((await stranger.get('admin/deliveries')).body.data).toEqual([]);
  expect((await stranger.post(`admin/deliveries/${id}/retry`)).status).toBe(404);
});

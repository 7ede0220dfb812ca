import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { makeDue, deliveries, mailing, expectStatuses, notify } from './mailing.js';

const folder = mkdtempSync(`${tmpdir()}/tidings-mail-`);
const api = useApi({ mail: { from: 'Tidings <tidings@example.com>', folder } });

it('lists deliveries to admins newest first, in pages, filtered by status and channel', async () => {
  const mail = await mailing(api);
  await notify(mail);
  await expectStatuses(mail, 'sent');
  await mail.asAnn.patch('preferences', { channels: { email: 'daily' } });
  await notify(mail);
  await expectStatuses(mail, 'sent', 'waiting');
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
  await makeDue(api, mail);
  await expectStatuses(mail, 'sent', 'sent');
});

it('refuses to retry a sent delivery, and shows it to no other organization', async () => {
  const mail = await mailing(api);
  await notify(mail);
  await expectStatuses(mail, 'sent');
  const [{ id } = { id: '' }] = await deliveries(mail);
  const retried = await mail.admin.post(`admin/deliveries/${id}/retry`);
  expect(retried).toMatchObject({ status: 409, body: { code: 'conflict' } });
  const { admin: stranger } = await api.build.organizationWithAdmin();
  expect((await stranger.get('admin/deliveries')).body.data).toEqual([]);
  expect((await stranger.post(`admin/deliveries/${id}/retry`)).status).toBe(404);
});

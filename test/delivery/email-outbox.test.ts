import { mkdtempSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { afterAll, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { deliveries, mailing, expectStatuses, notify } from './mailing.js';

const dataDir = mkdtempSync(join(tmpdir(), 'tidings-mail-'));
afterAll(() => rm(dataDir, { recursive: true }));

const folder = join(dataDir, 'mail');
const api = useApi({ mail: { from: 'Tidings <tidings@localhost>', folder } });

it('writes each mail to a file, named in order of time, without a mail server in development', async () => {
  // Only production warns of a missing mail server.
  expect(api.logged.filter((line) => line.includes('SMTP_URL'))).toEqual([]);
  const mail = await mailing(api);
  await notify(mail, { title: 'One' });
  await expectStatuses(mail, 'sent');
  const id = await notify(mail, { title: 'Two' });
  await expectStatuses(mail, 'sent', 'sent');
  const names = (await readdir(folder)).toSorted();
  const [one, two] = await deliveries(mail);
  expect(names).toEqual([
    expect.stringMatching(new RegExp(`^${new Date().getUTCFullYear()}-.*-${one!.id}\\.eml$`)),
    expect.stringMatching(new RegExp(`-${two!.id}\\.eml$`)),
  ]);
  const parsed = await PostalMime.parse(await readFile(join(folder, names[1]!)));
  expect(parsed).toMatchObject({
    subject: 'Two',
    from: { address: 'tidings@localhost' },
    to: [{ address: mail.ann.email }],
    text: expect.stringContaining('Thank you.'),
    html: expect.stringContaining('Thank you.'),
  });
  expect((await mail.asAnn.get(`notifications/${id}`)).body.delivered_via_email).toBe(true);
});

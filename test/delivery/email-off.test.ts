import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { deliveries, mailing, notify } from './mailing.js';

const api = useApi({ mail: null });

it('logs that no e-mail is sent, and creates no e-mail delivery, without a mail server', async () => {
  expect(api.logged.filter((line) => line.includes('No e-mail is sent'))).toHaveLength(1);
  const mail = await mailing(api);
  await notify(mail);
  await expect.poll(() => api.database.query('SELECT FROM outbox'), { timeout: 10_000 }).toEqual([]);
  expect(await deliveries(mail)).toEqual([]);
});

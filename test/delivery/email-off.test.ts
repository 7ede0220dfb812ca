import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { deliveries, mailing, tell } from './mailing.js';

const api = useApi({ mail: null });

it('where there is no server for it, the log says that no e-mail is sent, and none is planned', async () => {
  expect(api.logged.filter((line) => line.includes('No e-mail is sent'))).toHaveLength(1);
  const mail = await mailing(api);
  await tell(mail);
  await expect.poll(() => api.database.query('SELECT FROM outbox'), { timeout: 10_000 }).toEqual([]);
  expect(await deliveries(mail)).toEqual([]);
});

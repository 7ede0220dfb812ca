import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { POLLING, makeDue, deliveries, mailing, expectStatuses, notify } from './mailing.js';
import { MailServer } from './mail-server.js';

/** A port that nothing listens on, until something does. */
const reserved = createServer().listen(0, '127.0.0.1');
await once(reserved, 'listening');
const { port } = reserved.address() as AddressInfo;
reserved.close();
await once(reserved, 'close');

const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: `smtp://127.0.0.1:${port}` } });

it('keeps mail waiting while the mail server is down, and sends it once the server is back', async () => {
  const mail = await mailing(api);
  const id = await notify(mail);
  await expect
    .poll(() => deliveries(mail), POLLING)
    .toMatchObject([
      { status: 'waiting', attempts: 1, last_error: 'The mail server did not take it: ECONNREFUSED' },
    ]);
  const [waiting] = await deliveries(mail);
  expect(Date.parse(waiting!.due_at)).toBeGreaterThan(Date.now() + 30_000);
  expect((await mail.asAnn.get(`notifications/${id}`)).body.delivered_via_email).toBe(false);
  const server = new MailServer();
  await server.start(port);
  try {
    await makeDue(api, mail);
    await expectStatuses(mail, 'sent');
    expect(server.of(mail.ann.email)).toHaveLength(1);
  } finally {
    await server.stop();
  }
});

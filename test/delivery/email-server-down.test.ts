import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { PATIENCE, comeUp, deliveries, mailing, settled, tell } from './mailing.js';
import { MailServer } from './mail-server.js';

/** A port that nothing listens on, until something does. */
const reserved = createServer().listen(0, '127.0.0.1');
await once(reserved, 'listening');
const { port } = reserved.address() as AddressInfo;
reserved.close();
await once(reserved, 'close');

const api = useApi({ mail: { from: 'tidings@example.com', smtpUrl: `smtp://127.0.0.1:${port}` } });

it('while the server is down mail waits, and leaves once it is back', async () => {
  const mail = await mailing(api);
  const id = await tell(mail);
  await expect
    .poll(() => deliveries(mail), PATIENCE)
    .toMatchObject([
      { status: 'waiting', attempts: 1, last_error: 'The mail server did not take it: ECONNREFUSED' },
    ]);
  const [waiting] = await deliveries(mail);
  expect(Date.parse(waiting!.due_at)).toBeGreaterThan(Date.now() + 30_000);
  expect((await mail.asAnn.get(`notifications/${id}`)).body.delivered_via_email).toBe(false);
  const server = new MailServer();
  await server.start(port);
  try {
    await comeUp(api, mail);
    await settled(mail, 'sent');
    expect(server.of(mail.ann.email)).toHaveLength(1);
  } finally {
    await server.stop();
  }
});

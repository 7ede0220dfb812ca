import { beforeEach, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { POLLING, type WebhookTenant, webhookTenant } from './notices.js';
import { type Receiver, useReceivers, verify } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let home: WebhookTenant;
let receiver: Receiver;
let id: string;
let first: string;

beforeEach(async () => {
  home = await webhookTenant(api);
  receiver = await receive();
  ({ id, secret: first } = await home.hook(receiver.url));
});

const patch = (given: object) => home.admin.patch(`admin/webhooks/${id}`, given);
const rotate = async () => (await patch({ rotate_secret: true })).body.secret as string;

/** Which of these secrets verify what is sent now. */
async function signing(...secrets: string[]): Promise<boolean[]> {
  const known = receiver.received.length;
  await home.notify('News');
  await expect.poll(() => receiver.received.length, POLLING).toBe(known + 1);
  return secrets.map((secret) => {
    try {
      verify(receiver.received.at(-1)!, secret);
      return true;
    } catch {
      return false;
    }
  });
}

it('signs with all three secrets after two overlapping rotations, until each expires', async () => {
  const [second, third] = [await rotate(), await rotate()];
  expect(await signing(first, second, third)).toEqual([true, true, true]);
  expect(receiver.received[0]!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+ v1,\S+$/);
  await api.database.query('UPDATE webhook_endpoints SET older_secret_until = now() WHERE id = $1', [id]);
  expect(await signing(first, second, third)).toEqual([false, true, true]);
  await api.database.query('UPDATE webhook_endpoints SET previous_secret_until = now() WHERE id = $1', [id]);
  expect(await signing(first, second, third)).toEqual([false, false, true]);
});

it('refuses a third rotation until the first is a day old, and never signs with four secrets', async () => {
  await rotate();
  const third = await rotate();
  expect(await patch({ rotate_secret: true })).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await signing(third)).toEqual([true]);
  await api.database.query('UPDATE webhook_endpoints SET older_secret_until = now() WHERE id = $1', [id]);
  const fourth = await rotate();
  expect(await signing(first, third, fourth)).toEqual([false, true, true]);
});

it('revokes previous secrets at once and audits it', async () => {
  const [second, third] = [await rotate(), await rotate()];
  const { body } = await patch({ revoke_previous_secrets: true });
  expect(body).toMatchObject({ secret: null, previous_secret_until: null });
  expect(await signing(first, second, third)).toEqual([false, false, true]);
  const { body: audit } = await home.admin.get('admin/audit?limit=1');
  expect(audit.data).toMatchObject([{ action: 'webhook.revoke_secrets', target_id: id }]);
});

it('replaces a leaked secret in one request, even while two rotations overlap', async () => {
  const [second, third] = [await rotate(), await rotate()];
  const { body } = await patch({ rotate_secret: true, revoke_previous_secrets: true });
  expect(await signing(first, second, third, body.secret as string)).toEqual([false, false, false, true]);
});

import { beforeEach, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { PATIENCE, type Teller, teller } from './notices.js';
import { type Receiver, useReceivers, verify } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let home: Teller;
let receiver: Receiver;
let id: string;
let first: string;

beforeEach(async () => {
  home = await teller(api);
  receiver = await receive();
  ({ id, secret: first } = await home.hook(receiver.url));
});

const patch = (given: object) => home.admin.patch(`admin/webhooks/${id}`, given);
const rotate = async () => (await patch({ rotate_secret: true })).body.secret as string;

/** Which of these secrets verify what is sent now. */
async function signing(...secrets: string[]): Promise<boolean[]> {
  const known = receiver.received.length;
  await home.tell('News');
  await expect.poll(() => receiver.received.length, PATIENCE).toBe(known + 1);
  return secrets.map((secret) => {
    try {
      verify(receiver.received.at(-1)!, secret);
      return true;
    } catch {
      return false;
    }
  });
}

it('two rotations may overlap: all three secrets sign until their time is over', async () => {
  const [second, third] = [await rotate(), await rotate()];
  expect(await signing(first, second, third)).toEqual([true, true, true]);
  expect(receiver.received[0]!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+ v1,\S+$/);
  await api.database.query('UPDATE webhook_endpoints SET older_secret_until = now() WHERE id = $1', [id]);
  expect(await signing(first, second, third)).toEqual([false, true, true]);
  await api.database.query('UPDATE webhook_endpoints SET previous_secret_until = now() WHERE id = $1', [id]);
  expect(await signing(first, second, third)).toEqual([false, false, true]);
});

it('a third rotation is refused until the first is a day old, and a fourth secret never signs', async () => {
  await rotate();
  const third = await rotate();
  expect(await patch({ rotate_secret: true })).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await signing(third)).toEqual([true]);
  await api.database.query('UPDATE webhook_endpoints SET older_secret_until = now() WHERE id = $1', [id]);
  const fourth = await rotate();
  expect(await signing(first, third, fourth)).toEqual([false, true, true]);
});

it('previous secrets are revoked at once, and the revocation is audited', async () => {
  const [second, third] = [await rotate(), await rotate()];
  const { body } = await patch({ revoke_previous_secrets: true });
  expect(body).toMatchObject({ secret: null, previous_secret_until: null });
  expect(await signing(first, second, third)).toEqual([false, false, true]);
  const { body: audit } = await home.admin.get('admin/audit?limit=1');
  expect(audit.data).toMatchObject([{ action: 'webhook.revoke_secrets', target_id: id }]);
});

it('a secret that leaked is replaced in one request, also while two rotations overlap', async () => {
  const [second, third] = [await rotate(), await rotate()];
  const { body } = await patch({ rotate_secret: true, revoke_previous_secrets: true });
  expect(await signing(first, second, third, body.secret as string)).toEqual([false, false, false, true]);
});

import { describe, expect, it } from 'vitest';
import { Database, RelayPool } from '#database';
import { SecretRotationService } from '#delivery';
import { SecretBox } from '#secrets';
import { type Client, TEST_CONFIG, useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { useMailServer } from '../delivery/mail-server.js';
import { mailing, expectStatuses, notify } from '../delivery/mailing.js';
import { POLLING, makeDue, deliveriesOf, webhookTenant } from '../delivery/notices.js';
import { usePushService } from '../delivery/push-service.js';
import { useReceivers, verify } from '../delivery/receiver.js';

const server = await useMailServer();
const api = useApi({ webhookAllowPrivate: true, mail: { from: 'tidings@example.com', smtpUrl: server.url } });
const receive = useReceivers();
const push = usePushService();

/** As the command does it. */
const rotation = () =>
  new SecretRotationService(api.app.get(Database), api.app.get(RelayPool), box()).rotateAll();
const box = () => api.app.get(SecretBox);

/** A key that no server knows. */
const FOREIGN = new SecretBox({
  secrets: { key: 'a secrets key of at least 32 characters', isDevelopmentKey: false },
});

/** Every row of every table as text, and what is kept in binary as its bytes. */
async function dump(): Promise<string> {
  const tables = await api.database.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await api.database.query(`SELECT * FROM ${name}`);
    for (const value of rows.flatMap((row) => Object.values(row))) {
      texts.push(Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value));
    }
  }
  return texts.join('\n');
}

/** The stored secrets of an organization, decrypted. */
async function keysOf({ id: organizationId }: TestOrganization): Promise<string[]> {
  const rows = await api.database.query<{ purpose: string; secret: string }>(
    'SELECT purpose, secret FROM organization_keys WHERE organization_id = $1 ORDER BY purpose',
    [organizationId],
  );
  return rows.flatMap(({ purpose, secret }) => {
    const { key, privateKey, previous = [] } = JSON.parse(box().decrypt(secret, { organizationId, purpose }));
    return [key ?? privateKey, ...previous.map((one: { key: string }) => one.key)] as string[];
  });
}

const secretOf = async (id: string) => {
  const [row] = await api.database.query<Record<string, string | null>>(
    'SELECT secret, previous_secret, older_secret FROM webhook_endpoints WHERE id = $1',
    [id],
  );
  return row!;
};

const setSecret = (id: string, secret: string) =>
  api.database.query('UPDATE webhook_endpoints SET secret = $2 WHERE id = $1', [id, secret]);

const create = async (client: Client, url = 'https://clinic.example') =>
  (await client.post('admin/webhooks', { url })).body as { id: string; secret: string };

it('a dump of all tables contains no webhook secret, VAPID key or unsubscribe key', async () => {
  const mail = await mailing(api);
  const admin = mail.admin.with({ 'Idempotency-Key': 'hook' });
  const { id, secret } = await create(admin);
  const { body } = await mail.admin.patch(`admin/webhooks/${id}`, { rotate_secret: true });
  const again = await mail.admin.patch(`admin/webhooks/${id}`, { rotate_secret: true });
  await mail.asAnn.put('preferences/push-subscriptions', push.browser().subscription);
  await mail.asAnn.get('preferences/push-subscriptions');
  await notify(mail);
  await mail.admin.with({ 'Idempotency-Key': 'rotate' }).post('admin/unsubscribe-keys/rotate');

  const keys = await keysOf(mail.organization);
  expect(keys).toHaveLength(3);
  const secrets = [secret, body.secret as string, again.body.secret as string, ...keys];
  const text = await dump();
  for (const one of secrets) {
    expect(one.length).toBeGreaterThan(30);
    expect(text).not.toContain(one);
    expect(text).not.toContain(one.replace('whsec_', ''));
  }
  expect(text).toContain(id);
});

describe('a secret stored in clear text by an older version', () => {
  it('still signs, and is encrypted once by the command', async () => {
    const receiver = await receive();
    const home = await webhookTenant(api);
    const { id, secret } = await home.hook(receiver.url);
    await setSecret(id, secret);
    await home.notify('Clear');
    await expect.poll(() => receiver.titles, POLLING).toEqual(['Clear']);

    expect((await rotation()).secrets).toBe(1);
    expect((await secretOf(id))['secret']).toMatch(/^enc:v1:[0-9a-f]{8}:[\w-]+$/);
    expect((await rotation()).secrets).toBe(0);
    await home.notify('Encrypted');
    await expect.poll(() => receiver.titles, POLLING).toEqual(['Clear', 'Encrypted']);
    for (const received of receiver.received) expect(verify(received, secret)).toBeTruthy();
  });

  it('is read and encrypted if it is a key of the organization too', async () => {
    const mail = await mailing(api);
    await mail.asAnn.get('preferences/push-subscriptions');
    const before = (await mail.asAnn.get('preferences/push-subscriptions')).body.public_key as string;
    await notify(mail);
    await expectStatuses(mail, 'sent');
    const known = await keysOf(mail.organization);
    await api.database.query(
      `UPDATE organization_keys SET secret = CASE purpose
         WHEN 'unsubscribe' THEN jsonb_build_object('key', $2::text)
         ELSE jsonb_build_object('publicKey', $3::text, 'privateKey', $4::text) END
       WHERE organization_id = $1`,
      [mail.organization.id, known[0], before, known[1]],
    );
    const publicKey = async () => (await mail.asAnn.get('preferences/push-subscriptions')).body.public_key;
    expect(await publicKey()).toBe(before);
    expect((await rotation()).secrets).toBe(2);
    expect(await publicKey()).toBe(before);
    expect(await keysOf(mail.organization)).toEqual(known);
  });
});

describe('a ciphertext', () => {
  it('cannot be used in another row or organization, and answers 503 with the reason in the log', async () => {
    const [home, away] = [await api.build.organizationWithAdmin(), await api.build.organizationWithAdmin()];
    const [mine, other] = [await create(home.admin), await create(home.admin)];
    const theirs = await create(away.admin);
    for (const { id } of [other, theirs]) {
      await setSecret(mine.id, (await secretOf(id))['secret']!);
      const { status, body } = await home.admin.post(`admin/webhooks/${mine.id}/test`);
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
      expect(JSON.stringify(body)).not.toMatch(/enc:v1|webhook/);
    }
    expect(api.logged.join()).toContain('was made for another row or is damaged');
    await home.admin.delete(`admin/webhooks/${mine.id}`);
  });

  it('keeps deliveries waiting, without failing the endpoint, if its key is missing, and logs the key', async () => {
    const receiver = await receive();
    const home = await webhookTenant(api);
    const { id, secret } = await home.hook(receiver.url);
    const place = { organizationId: home.organization.id, purpose: 'webhook', id };
    const foreign = FOREIGN.encrypt(secret, place);
    await setSecret(id, foreign);
    await home.notify('Waits');
    await expect
      .poll(() => deliveriesOf(api, home.organization), POLLING)
      .toMatchObject([
        { status: 'waiting', attempts: 1, last_error: 'A stored secret cannot be read right now.' },
      ]);
    expect((await home.admin.get('admin/webhooks')).body.data).toMatchObject([{ failing_since: null }]);
    expect(api.logged.join()).toContain(`encrypted with key ${foreign.split(':')[2]!}, which is neither`);
    await expect(rotation()).rejects.toMatchObject({ code: 'unavailable' });

    await setSecret(id, box().encrypt(secret, place));
    await makeDue(api, home.organization);
    await expect.poll(() => receiver.titles, POLLING).toEqual(['Waits']);
  });

  it('differs each time, and is refused if one bit changes', () => {
    const place = { organizationId: 'o', purpose: 'webhook' };
    const [one, two] = [box().encrypt('secret', place), box().encrypt('secret', place)];
    expect(one).not.toBe(two);
    expect(box().decrypt(one, place)).toBe('secret');
    const changed = one.slice(0, -3) + (one.at(-3) === 'A' ? 'B' : 'A') + one.slice(-2);
    expect(() => box().decrypt(changed, place)).toThrow('cannot be read');
    expect(() => box().decrypt(one, { ...place, purpose: 'web_push' })).toThrow('cannot be read');
    expect(() => box().decrypt(one.slice(0, 20), place)).toThrow('cannot be read');
  });
});

it('servers with old and new key read each other’s ciphertexts during a rotation', () => {
  const place = { organizationId: 'o', purpose: 'webhook' };
  const [key, next] = [TEST_CONFIG.secrets.key, 'the next secrets key, of 32 characters'];
  const before = new SecretBox({ secrets: { key, previousKey: next, isDevelopmentKey: false } });
  const after = new SecretBox({ secrets: { key: next, previousKey: key, isDevelopmentKey: false } });
  expect(after.decrypt(before.encrypt('secret', place), place)).toBe('secret');
  expect(before.decrypt(after.encrypt('secret', place), place)).toBe('secret');
  expect(after.isCurrent(before.encrypt('secret', place))).toBe(false);
  expect(after.isCurrent(after.encrypt('secret', place))).toBe(true);
});

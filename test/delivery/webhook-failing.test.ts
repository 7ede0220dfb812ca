import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import { person } from '../support/people.js';
import { POLLING, type WebhookTenant, makeDue, deliveriesOf, webhookTenant } from './notices.js';
import { type Receiver, answers, useReceivers } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let home: WebhookTenant;
let receiver: Receiver;
let id: string;

beforeEach(async () => {
  home = await webhookTenant(api);
  receiver = await receive(answers(500));
  ({ id } = await home.hook(receiver.url, ['BILLING']));
});

const endpoint = async () => (await home.admin.get('admin/webhooks')).body.data[0] as Record<string, any>;
const notify = (title = 'Invoice') => home.notify(title, { type: 'BILLING' });
const deliveries = () => deliveriesOf(api, home.organization);

const attempted = async () => (await deliveries()).filter(({ attempts }) => attempts > 0).length;

async function fail(count = 1): Promise<void> {
  const before = await attempted();
  for (let number = 1; number <= count; number++) await notify(`Failing ${number}`);
  await expect.poll(attempted, POLLING).toBe(before + count);
  await expect.poll(async () => (await endpoint())['failing_since'], POLLING).toEqual(expect.any(String));
}

const failingSince = (time: string) =>
  api.database.query(`UPDATE webhook_endpoints SET failing_since = ${time} WHERE id = $1`, [id]);

const noticesOf = async (client: Client) =>
  ((await client.get('notifications')).body.data as Record<string, any>[]).filter(
    ({ title }) => title === 'A webhook was disabled',
  );

describe('a webhook endpoint', () => {
  it('records since when it has failed, until it succeeds', async () => {
    expect(await endpoint()).toMatchObject({ failing_since: null });
    await fail();
    const { failing_since } = await endpoint();
    expect(Math.abs(Date.parse(failing_since as string) - Date.now())).toBeLessThan(60_000);
    await fail(2);
    expect((await endpoint())['failing_since']).toBe(failing_since);
    receiver.behaviour = answers(204);
    await notify('Works');
    await expect.poll(async () => (await endpoint())['failing_since'], POLLING).toBeNull();
    expect(await endpoint()).toMatchObject({ enabled: true });
  });

  it('is disabled after failing for five days, and members with webhooks:manage are notified once', async () => {
    await home.admin.put('admin/roles/hooks', { permissions: ['webhooks:manage'] });
    await home.admin.put('admin/roles/other', { permissions: ['deliveries:manage'] });
    const [manager, other, removed] = [
      await person(api, home.organization, { role: 'hooks' }),
      await person(api, home.organization, { role: 'other' }),
      await person(api, home.organization, { role: 'hooks' }),
    ];
    await home.admin.delete(`members/${removed.id}`);
    await fail(3);
    await failingSince(`now() - interval '5 days 1 minute'`);
    await makeDue(api, home.organization);
    await expect.poll(async () => (await endpoint())['enabled'], POLLING).toBe(false);
    expect(await endpoint()).toMatchObject({ disabled_reason: 'Every attempt has failed for five days.' });

    for (const client of [manager.client, home.admin]) {
      await expect
        .poll(() => noticesOf(client), POLLING)
        .toMatchObject([
          {
            type: 'SYSTEM',
            priority: 'normal',
            data: { webhook_id: id },
            body: expect.stringContaining(
              `http://127.0.0.1:${receiver.port}, because every attempt has failed`,
            ),
          },
        ]);
    }
    expect(await noticesOf(await api.as(home.member))).toEqual([]);
    expect(await noticesOf(other.client)).toEqual([]);
    const made = await api.database.query(
      `SELECT FROM notifications WHERE organization_id = $1 AND title = 'A webhook was disabled'`,
      [home.organization.id],
    );
    expect(made).toHaveLength(2);
  });

  it('is not disabled before it has failed for five days', async () => {
    await fail();
    await failingSince(`now() - interval '4 days 23 hours'`);
    const known = receiver.received.length;
    await makeDue(api, home.organization);
    await expect.poll(() => receiver.received.length, POLLING).toBe(known + 1);
    await expect.poll(deliveries, POLLING).toMatchObject([{ status: 'waiting', attempts: 2 }]);
    expect(await endpoint()).toMatchObject({ enabled: true });
  });

  it('causes one notification even if the event is handled twice', async () => {
    await fail();
    await failingSince(`now() - interval '6 days'`);
    await makeDue(api, home.organization);
    await expect.poll(() => noticesOf(home.admin), POLLING).toHaveLength(1);
    const [request] = await api.database.query<{ id: string }>(
      `SELECT id FROM notification_requests WHERE organization_id = $1 AND audience ? 'permission'`,
      [home.organization.id],
    );
    const again = (eventId: string, time: string) =>
      api.database.query(
        `INSERT INTO outbox (organization_id, id, type, payload, run_at) VALUES ($1, ${eventId}, 'webhook.disabled',
           jsonb_build_object('webhook_id', $2::uuid, 'origin', 'https://clinic.example', 'cause', 'gone'), ${time})`,
        [home.organization.id, id],
      );
    await again(`'${request!.id}'`, 'now()');
    const isHandled = async () =>
      (await api.database.query('SELECT FROM outbox WHERE organization_id = $1', [home.organization.id]))
        .length;
    await expect.poll(isHandled, POLLING).toBe(0);
    expect(await noticesOf(home.admin)).toHaveLength(1);
    await again('gen_random_uuid()', 'now()');
    await expect.poll(() => noticesOf(home.admin), POLLING).toHaveLength(2);
  });

  it('is disabled at once after a 410, and its admins are notified', async () => {
    receiver.behaviour = answers(410);
    await notify();
    await expect
      .poll(() => noticesOf(home.admin), POLLING)
      .toMatchObject([{ body: expect.stringContaining('because it responded with 410 Gone') }]);
  });

  it.each([
    ['moved', () => ({ url: receiver.url })],
    ['enabled again', () => ({ enabled: true })],
  ])('starts counting anew once it is %s', async (_what, change) => {
    await fail();
    await failingSince(`now() - interval '6 days'`);
    const { body } = await home.admin.patch(`admin/webhooks/${id}`, change());
    expect(body).toMatchObject({ failing_since: null, enabled: true });
    await makeDue(api, home.organization);
    await expect.poll(deliveries, POLLING).toMatchObject([{ status: 'waiting', attempts: 2 }]);
    expect(await endpoint()).toMatchObject({ enabled: true, failing_since: expect.any(String) });
  });

  it('does not count as failing after a successful test event', async () => {
    await fail();
    receiver.behaviour = answers(204);
    await home.admin.post(`admin/webhooks/${id}/test`);
    expect(await endpoint()).toMatchObject({ failing_since: null });
  });
});

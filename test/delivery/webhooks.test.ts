import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import {
  POLLING,
  type WebhookTenant,
  makeDue,
  deliveriesOf,
  expectDelivery,
  webhookTenant,
} from './notices.js';
import { answers, useReceivers, verify } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let home: WebhookTenant;

beforeEach(async () => {
  home = await webhookTenant(api);
});

const deliveries = () => deliveriesOf(api, home.organization);
const expectOne = (like: object) => expectDelivery(api, home.organization, like);
const comeAgain = () => makeDue(api, home.organization);

describe('a webhook', () => {
  it('is sent as Standard Webhooks defines, with a signature that verifies', async () => {
    const receiver = await receive();
    const { secret } = await home.hook(receiver.url);
    await home.notify('News', { data: { invoice: 'R-1' }, action_url: 'https://clinic.example/1' });
    await expectOne({ status: 'sent', attempts: 1, last_error: null, sent_at: expect.any(Date) });

    const [received] = receiver.received;
    const { body: feed } = await (await api.as(home.member)).get('notifications');
    const { id, created_at } = feed.data[0];
    expect(verify(received!, secret)).toEqual({
      type: 'notification.created',
      timestamp: created_at,
      data: {
        id,
        organization_id: home.organization.id,
        user_id: home.member.id,
        type: 'SYSTEM',
        title: 'News',
        body: 'All of it.',
        data: { invoice: 'R-1' },
        action_url: 'https://clinic.example/1',
        priority: 'normal',
        actor_id: null,
        aggregation_id: null,
        created_at,
        expires_at: null,
      },
    });
    expect(received!.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^Tidings\/\d+\.\d+\.\d+$/),
      'webhook-id': (await deliveries())[0]!.id,
    });
    expect(receiver.received).toHaveLength(1);
  });

  it('is signed with both secrets during a rotation, and with the new one alone a day later', async () => {
    const receiver = await receive();
    const { id, secret: before } = await home.hook(receiver.url);
    const { body } = await home.admin.patch(`admin/webhooks/${id}`, { rotate_secret: true });
    await home.notify('During');
    await expect.poll(() => receiver.titles).toEqual(['During']);
    const during = receiver.received[0]!;
    expect(verify(during, before)).toEqual(verify(during, body.secret));

    await api.database.query('UPDATE webhook_endpoints SET previous_secret_until = now() WHERE id = $1', [
      id,
    ]);
    await home.notify('After');
    await expect.poll(() => receiver.titles).toEqual(['During', 'After']);
    const after = receiver.received[1]!;
    expect(verify(after, body.secret).data.title).toBe('After');
    expect(() => verify(after, before)).toThrow('No matching signature');
  });

  it('is sent only to endpoints that subscribe to its type', async () => {
    const [all, billing, others] = await Promise.all([receive(), receive(), receive()]);
    await home.hook(all.url);
    await home.hook(billing.url, ['BILLING', 'SYSTEM']);
    await home.hook(others.url, ['APPOINTMENT']);
    await home.notify('Server');
    await home.notify('Invoice', { type: 'BILLING' });
    await home.notify('Date', { type: 'APPOINTMENT' });
    await expect.poll(() => all.titles.toSorted()).toEqual(['Date', 'Invoice', 'Server']);
    await expect.poll(() => billing.titles.toSorted()).toEqual(['Invoice', 'Server']);
    await expect.poll(() => others.titles).toEqual(['Date']);
    await expect.poll(deliveries).toHaveLength(6);
  });

  it('is not sent to an endpoint of another organization', async () => {
    const [ours, theirs] = await Promise.all([receive(), receive()]);
    await home.hook(ours.url);
    await (await webhookTenant(api)).hook(theirs.url);
    await home.notify('Ours');
    await expectOne({ status: 'sent' });
    expect([ours.titles, theirs.received]).toEqual([['Ours'], []]);
  });
});

describe('a webhook endpoint', () => {
  it('is disabled by a 410, and receives nothing more', async () => {
    const receiver = await receive(answers(500));
    const { id } = await home.hook(receiver.url);
    await home.notify('First');
    await expectOne({ status: 'waiting', attempts: 1 });
    receiver.behaviour = answers(410);
    await home.notify('Second');
    await expect.poll(deliveries).toMatchObject([
      { status: 'waiting', attempts: 1 },
      { status: 'failed', last_error: 'It responded with 410 Gone, so the endpoint was disabled.' },
    ]);
    expect((await home.admin.get('admin/webhooks')).body.data).toMatchObject([
      { id, enabled: false, disabled_at: expect.any(String), disabled_reason: 'It responded with 410 Gone.' },
    ]);

    await comeAgain();
    await home.notify('Third');
    await expect
      .poll(deliveries, POLLING)
      .toMatchObject([{ status: 'cancelled', reason: 'endpoint_disabled' }, {}]);
    expect(receiver.titles).toEqual(['First', 'Second']);

    receiver.behaviour = answers(200);
    await home.admin.patch(`admin/webhooks/${id}`, { enabled: true });
    await home.notify('Fourth');
    await expect.poll(() => receiver.titles).toEqual(['First', 'Second', 'Fourth']);
  });

  it('receives nothing more once it is deleted', async () => {
    const receiver = await receive(answers(500));
    const { id } = await home.hook(receiver.url);
    await home.notify('News');
    await expectOne({ status: 'waiting', attempts: 1 });
    expect((await home.admin.delete(`admin/webhooks/${id}`)).status).toBe(204);
    await comeAgain();
    await expectOne({ status: 'cancelled', reason: 'endpoint_deleted' });
    expect(receiver.received).toHaveLength(1);
  });

  it('receives waiting deliveries at its new URL once that changes', async () => {
    const [before, after] = [await receive(answers(500)), await receive()];
    const { id } = await home.hook(before.url);
    await home.notify('News');
    await expectOne({ status: 'waiting', attempts: 1 });
    await home.admin.patch(`admin/webhooks/${id}`, { url: after.url });
    await comeAgain();
    await expectOne({ status: 'sent', attempts: 2 });
    expect(after.titles).toEqual(['News']);
  });
});

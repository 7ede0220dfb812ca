import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { PATIENCE, type Teller, bringDue, deliveriesOf, expectDelivery, teller } from './notices.js';
import { answers, useReceivers, verify } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let home: Teller;

beforeEach(async () => {
  home = await teller(api);
});

const deliveries = () => deliveriesOf(api, home.organization);
const expectOne = (like: object) => expectDelivery(api, home.organization, like);
const comeAgain = () => bringDue(api, home.organization);

describe('a notification', () => {
  it('is sent to an endpoint, as the standard has it, and can be verified', async () => {
    const receiver = await receive();
    const { secret } = await home.hook(receiver.url);
    await home.tell('News', { data: { invoice: 'R-1' }, action_url: 'https://clinic.example/1' });
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

  it('verifies under both secrets while they are rotated, and under the new one alone a day later', async () => {
    const receiver = await receive();
    const { id, secret: before } = await home.hook(receiver.url);
    const { body } = await home.admin.patch(`admin/webhooks/${id}`, { rotate_secret: true });
    await home.tell('During');
    await expect.poll(() => receiver.titles).toEqual(['During']);
    const during = receiver.received[0]!;
    expect(verify(during, before)).toEqual(verify(during, body.secret));

    await api.database.query('UPDATE webhook_endpoints SET previous_secret_until = now() WHERE id = $1', [
      id,
    ]);
    await home.tell('After');
    await expect.poll(() => receiver.titles).toEqual(['During', 'After']);
    const after = receiver.received[1]!;
    expect(verify(after, body.secret).data.title).toBe('After');
    expect(() => verify(after, before)).toThrow('No matching signature');
  });

  it('is sent to those endpoints alone that want its type', async () => {
    const [all, billing, others] = await Promise.all([receive(), receive(), receive()]);
    await home.hook(all.url);
    await home.hook(billing.url, ['BILLING', 'SYSTEM']);
    await home.hook(others.url, ['APPOINTMENT']);
    await home.tell('Server');
    await home.tell('Invoice', { type: 'BILLING' });
    await home.tell('Date', { type: 'APPOINTMENT' });
    await expect.poll(() => all.titles.toSorted()).toEqual(['Date', 'Invoice', 'Server']);
    await expect.poll(() => billing.titles.toSorted()).toEqual(['Invoice', 'Server']);
    await expect.poll(() => others.titles).toEqual(['Date']);
    await expect.poll(deliveries).toHaveLength(6);
  });

  it('is not sent to an endpoint of another organization', async () => {
    const [ours, theirs] = await Promise.all([receive(), receive()]);
    await home.hook(ours.url);
    await (await teller(api)).hook(theirs.url);
    await home.tell('Ours');
    await expectOne({ status: 'sent' });
    expect([ours.titles, theirs.received]).toEqual([['Ours'], []]);
  });
});

describe('an endpoint', () => {
  it('that answers 410 is disabled, and is sent nothing more', async () => {
    const receiver = await receive(answers(500));
    const { id } = await home.hook(receiver.url);
    await home.tell('First');
    await expectOne({ status: 'waiting', attempts: 1 });
    receiver.behaviour = answers(410);
    await home.tell('Second');
    await expect.poll(deliveries).toMatchObject([
      { status: 'waiting', attempts: 1 },
      { status: 'failed', last_error: 'It answered 410 Gone, so the endpoint was disabled.' },
    ]);
    expect((await home.admin.get('admin/webhooks')).body.data).toMatchObject([
      { id, enabled: false, disabled_at: expect.any(String), disabled_reason: 'It answered 410 Gone.' },
    ]);

    await comeAgain();
    await home.tell('Third');
    await expect
      .poll(deliveries, PATIENCE)
      .toMatchObject([{ status: 'cancelled', reason: 'endpoint_disabled' }, {}]);
    expect(receiver.titles).toEqual(['First', 'Second']);

    receiver.behaviour = answers(200);
    await home.admin.patch(`admin/webhooks/${id}`, { enabled: true });
    await home.tell('Fourth');
    await expect.poll(() => receiver.titles).toEqual(['First', 'Second', 'Fourth']);
  });

  it('that was deleted is sent nothing more', async () => {
    const receiver = await receive(answers(500));
    const { id } = await home.hook(receiver.url);
    await home.tell('News');
    await expectOne({ status: 'waiting', attempts: 1 });
    expect((await home.admin.delete(`admin/webhooks/${id}`)).status).toBe(204);
    await comeAgain();
    await expectOne({ status: 'cancelled', reason: 'endpoint_deleted' });
    expect(receiver.received).toHaveLength(1);
  });

  it('that was moved is found where it is now', async () => {
    const [before, after] = [await receive(answers(500)), await receive()];
    const { id } = await home.hook(before.url);
    await home.tell('News');
    await expectOne({ status: 'waiting', attempts: 1 });
    await home.admin.patch(`admin/webhooks/${id}`, { url: after.url });
    await comeAgain();
    await expectOne({ status: 'sent', attempts: 2 });
    expect(after.titles).toEqual(['News']);
  });
});

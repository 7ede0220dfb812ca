import { createPublicKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { usePushService } from './push-service.js';
import { NOTICE, SUBSCRIPTIONS, usePushing } from './pushing.js';

const api = useApi({ webhookAllowPrivate: true, publicUrl: 'https://clinic.example' });
const push = usePushService();
const pushing = usePushing(api, push);

describe('a web push notification', () => {
  it('reaches the browser encrypted for it, with type, title, body and data', async () => {
    const { message_id, thread_id } = (
      await pushing.asBob.post('messages/send', { recipient: pushing.ann.id, content: 'How are you?' })
    ).body;
    const [pushed] = await push.reached(pushing.browser);
    const { id } = (await pushing.asAnn.get('notifications')).body.data[0];
    expect(pushing.browser.read(pushed!.body)).toEqual({
      notification_id: id,
      type: 'MESSAGE',
      title: pushing.bob.display_name,
      body: 'How are you?',
      action_url: null,
      data: { thread_id, message_id, sender_id: pushing.bob.id },
    });
    expect(() => push.browser().read(pushed!.body)).toThrow();
    await pushing.expectDeliveries([{ status: 'sent', attempts: 1, last_error: null }]);
    expect((await pushing.asAnn.get(`notifications/${id}/explanation`)).body).toMatchObject({
      channels: expect.arrayContaining([expect.objectContaining({ channel: 'web_push', value: 'on' })]),
      deliveries: [{ channel: 'web_push', status: 'sent', attempts: 1, sent_at: expect.any(String) }],
    });
  });

  it('is signed with the key that the browser subscribed with', async () => {
    await pushing.notify();
    const [pushed] = await push.reached(pushing.browser);
    const { public_key } = (await pushing.asAnn.get(SUBSCRIPTIONS)).body;
    const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(pushed!.headers.authorization!)!;
    expect(key).toBe(public_key);
    const point = Buffer.from(public_key, 'base64url');
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: point.toString('base64url', 1, 33),
      y: point.toString('base64url', 33),
    };
    const { payload } = await jwtVerify(token!, createPublicKey({ key: jwk, format: 'jwk' }), {
      audience: push.origin,
      subject: 'https://clinic.example',
    });
    expect(payload.exp! - Date.now() / 1000).toBeLessThanOrEqual(24 * 3600);
  });

  it('has a TTL until it expires, its topic, and high urgency if it is urgent', async () => {
    await pushing.notify({ group_key: 'visits' });
    const expires_at = new Date(Date.now() + 3600_000).toISOString();
    await push.reached(pushing.browser);
    await pushing.notify({ priority: 'urgent', expires_at });
    const [first, second] = await push.reached(pushing.browser, 2);
    const { data } = (await pushing.asAnn.get('notifications')).body;
    expect(first!.headers).toMatchObject({
      ttl: String(28 * 24 * 3600),
      urgency: 'normal',
      topic: data[1].aggregation_id.replaceAll('-', ''),
      'content-encoding': 'aes128gcm',
    });
    expect(second!.headers).toMatchObject({ urgency: 'high' });
    expect(second!.headers).not.toHaveProperty('topic');
    expect(Number(second!.headers['ttl'])).toBeGreaterThan(3500);
    expect(Number(second!.headers['ttl'])).toBeLessThanOrEqual(3600);
  });

  it.each([
    ['a long body', { body: '🙂"\n'.repeat(1600) }],
    [
      'everything as long as it may be',
      {
        title: '🙂'.repeat(255),
        body: 'ü'.repeat(5000),
        action_url: `https://clinic.example/${'ü'.repeat(1900)}`,
        data: Object.fromEntries(Array.from({ length: 200 }, (_, number) => [`key${number}`, uuid()])),
      },
    ],
  ])('with %s is truncated to the size that push services accept', async (_name, given) => {
    await pushing.notify(given);
    const [pushed] = await push.reached(pushing.browser);
    const { title, body } = pushing.browser.read(pushed!.body);
    expect(pushed!.body.length).toBeLessThan(3200);
    expect(title).toBe((given as { title?: string }).title ?? NOTICE.title);
    expect(body.length).toBeGreaterThan(50);
    expect(body.endsWith('…')).toBe(true);
    expect(given.body.startsWith(body.slice(0, -1))).toBe(true);
  });

  it('contains only the ids of data', async () => {
    await pushing.notify({
      data: { invoice: 'R-1', person: pushing.ann.id, more: { id: pushing.ann.id } },
      action_url: 'https://a.example/b',
    });
    const [pushed] = await push.reached(pushing.browser);
    expect(pushing.browser.read(pushed!.body)).toMatchObject({
      data: { person: pushing.ann.id },
      action_url: 'https://a.example/b',
    });
    expect(pushing.browser.read(pushed!.body).data).not.toHaveProperty('invoice');
  });

  it('reaches each browser of the person, and no others', async () => {
    const [another, bobs] = [push.browser(), push.browser()];
    await pushing.asAnn.put(SUBSCRIPTIONS, another.subscription);
    await pushing.asBob.put(SUBSCRIPTIONS, bobs.subscription);
    await pushing.notify();
    await Promise.all([push.reached(pushing.browser), push.reached(another)]);
    await pushing.expectDeliveries([{ status: 'sent' }, { status: 'sent' }]);
    expect(push.to(bobs)).toEqual([]);
  });

  it('is not sent if the person has turned web push off', async () => {
    await pushing.asAnn.patch('preferences', { types: { APPOINTMENT: { web_push: 'off' } } });
    await pushing.notify();
    await pushing.notify({ type: 'BILLING' });
    await pushing.asAnn.patch('preferences', { types: null });
    await pushing.notify();
    await push.reached(pushing.browser);
    await pushing.expectDeliveries([{ status: 'sent' }]);
  });
});

describe('a browser whose subscription moves to another person', () => {
  it('receives nothing more for the previous person, not even deliveries in retry', async () => {
    push.answer(pushing.browser, 503);
    await pushing.notify();
    await pushing.expectDeliveries([
      { status: 'waiting', last_error: 'The push service responded with 503.' },
    ]);
    push.answer(pushing.browser, 201);
    expect(await pushing.asBob.put(SUBSCRIPTIONS, pushing.browser.subscription)).toMatchObject({
      status: 201,
    });
    await pushing.expectDeliveriesOnceDue([{ status: 'cancelled' }]);
    await pushing.asBob.post('messages/send', { recipient: pushing.ann.id, content: 'for Ann' });
    await pushing.asAnn.post('messages/send', { recipient: pushing.bob.id, content: 'for Bob' });
    const [, pushed] = await push.reached(pushing.browser, 2);
    expect(pushing.browser.read(pushed!.body)).toMatchObject({ body: 'for Bob' });
    await pushing.expectDeliveries([{ status: 'cancelled' }, { status: 'sent' }]);
  });

  it('loses its subscription when the person is removed', async () => {
    await api.platform(pushing.organization).delete(`members/${pushing.ann.id}`);
    const left = () =>
      api.database.query('SELECT FROM push_subscriptions WHERE organization_id = $1', [
        pushing.organization.id,
      ]);
    await expect.poll(left).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { usePushService } from './push-service.js';
import { SUBSCRIPTIONS, usePushing } from './pushing.js';

const api = useApi({ webhookAllowPrivate: true, publicUrl: 'https://clinic.example' });
const push = usePushService();
const pushing = usePushing(api, push);

describe('a response of the push service with status', () => {
  it.each([404, 410])('%i deletes the subscription, and nothing is sent there again', async (status) => {
    const another = push.browser();
    await pushing.asAnn.put(SUBSCRIPTIONS, another.subscription);
    push.answer(pushing.browser, status);
    await pushing.notify();
    await push.reached(another);
    await expect
      .poll(async () => (await pushing.asAnn.get(SUBSCRIPTIONS)).body.subscriptions)
      .toHaveLength(1);
    const statuses = async () => (await pushing.deliveries()).map((delivery) => delivery.status).toSorted();
    await expect.poll(statuses).toEqual(['cancelled', 'sent']);
    expect((await pushing.deliveries()).map(({ reason }) => reason)).toContain('browser_unsubscribed');
    await pushing.notify();
    await push.reached(another, 2);
    expect(push.to(pushing.browser)).toHaveLength(1);
  });

  it.each([413, 400, 403, 302])('%i fails the delivery with the reason', async (status) => {
    push.answer(pushing.browser, status);
    await pushing.notify();
    await pushing.expectDeliveries([
      { status: 'failed', attempts: 1, last_error: `The push service responded with ${status}.` },
    ]);
    expect((await pushing.asAnn.get(SUBSCRIPTIONS)).body.subscriptions).toHaveLength(1);
    expect(push.to(pushing.browser)).toHaveLength(1);
  });

  it.each([
    [429, { 'Retry-After': '7200' }, 7200],
    [503, { 'Retry-After': new Date(Date.now() + 7_200_000).toUTCString() }, 7000],
    [500, undefined, 50],
  ])('%i retries the delivery, not before its Retry-After', async (status, headers, least) => {
    push.answer(pushing.browser, status, headers);
    await pushing.notify();
    await pushing.expectDeliveries([
      { status: 'waiting', attempts: 1, last_error: `The push service responded with ${status}.` },
    ]);
    const [delivery] = await pushing.deliveries();
    expect(delivery!.due_in).toBeGreaterThan(least);
    push.answer(pushing.browser, 201);
    await pushing.expectDeliveriesOnceDue([{ status: 'sent', attempts: 2, last_error: null }]);
    expect(push.to(pushing.browser)).toHaveLength(2);
  });
});

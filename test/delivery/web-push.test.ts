import { createPublicKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import { v7 as uuid } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import type { Browser } from './browser.js';
import { usePushService } from './push-service.js';

const api = useApi({ webhookAllowPrivate: true, publicUrl: 'https://clinic.example' });
const push = usePushService();

let organization: TestOrganization;
let [ann, bob]: TestMember[] = [];
let [asAnn, asBob]: Client[] = [];
let service: Client;
let browser: Browser;

const subscriptions = 'preferences/push-subscriptions';

beforeEach(async () => {
  organization = await api.build.organization();
  const members = await Promise.all([1, 2].map(() => api.build.member({ organization })));
  [ann, bob] = members;
  [asAnn, asBob] = await Promise.all(members.map((member) => api.as(member)));
  service = await api.build.service(organization, ['notifications:send']);
  browser = push.browser();
  await asAnn!.put(subscriptions, browser.subscription);
});

const notice = { type: 'APPOINTMENT', title: 'Tomorrow at nine', body: 'Do not be late.' };

async function notify(given: object = {}): Promise<string> {
  const request = { to: { users: [ann!.id] }, ...notice, ...given };
  const { status, body } = await service.post('notifications', request);
  if (status !== 202) throw new Error(JSON.stringify(body));
  return body.id as string;
}

interface DeliveryRow {
  status: string;
  attempts: number;
  last_error: string | null;
  reason: string | null;
  due_in: number;
}

/** What has become of what was to be pushed to people of the organization, oldest first. */
const deliveries = () =>
  api.database.query<DeliveryRow>(
    `SELECT status, attempts, last_error, reason, extract(epoch FROM due_at - now())::float8 AS due_in FROM deliveries
     WHERE organization_id = $1 AND channel = 'web_push' ORDER BY id`,
    [organization.id],
  );

const settled = (expected: Partial<DeliveryRow>[]) =>
  expect.poll(deliveries, { timeout: 10_000, interval: 10 }).toMatchObject(expected);

/** As if all that waits had waited long enough, until it has come to this. */
const settledInTime = (expected: Partial<DeliveryRow>[]) =>
  expect
    .poll(
      async () => {
        await api.database.query(`UPDATE deliveries SET due_at = now() WHERE status = 'waiting'`);
        return deliveries();
      },
      { timeout: 10_000, interval: 50 },
    )
    .toMatchObject(expected);

describe('a notification', () => {
  it('reaches the browser, which alone can read it, and says what it is', async () => {
    const { message_id, thread_id } = (
      await asBob!.post('messages/send', { recipient: ann!.id, content: 'How are you?' })
    ).body;
    const [pushed] = await push.reached(browser);
    const { id } = (await asAnn!.get('notifications')).body.data[0];
    expect(browser.read(pushed!.body)).toEqual({
      notification_id: id,
      type: 'MESSAGE',
      title: bob!.display_name,
      body: 'How are you?',
      action_url: null,
      data: { thread_id, message_id, sender_id: bob!.id },
    });
    expect(() => push.browser().read(pushed!.body)).toThrow();
    await settled([{ status: 'sent', attempts: 1, last_error: null }]);
    expect((await asAnn!.get(`notifications/${id}/explanation`)).body).toMatchObject({
      channels: expect.arrayContaining([expect.objectContaining({ channel: 'web_push', value: 'on' })]),
      deliveries: [{ channel: 'web_push', status: 'sent', attempts: 1, sent_at: expect.any(String) }],
    });
  });

  it('is signed with the key that the browser subscribed with', async () => {
    await notify();
    const [pushed] = await push.reached(browser);
    const { public_key } = (await asAnn!.get(subscriptions)).body;
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

  it('is kept for the browser as long as it is good, and hurries where it is urgent', async () => {
    await notify({ group_key: 'visits' });
    const expires_at = new Date(Date.now() + 3600_000).toISOString();
    await push.reached(browser);
    await notify({ priority: 'urgent', expires_at });
    const [first, second] = await push.reached(browser, 2);
    const { data } = (await asAnn!.get('notifications')).body;
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
  ])('with %s is cut to what push services take', async (_name, given) => {
    await notify(given);
    const [pushed] = await push.reached(browser);
    const { title, body } = browser.read(pushed!.body);
    expect(pushed!.body.length).toBeLessThan(3200);
    expect(title).toBe((given as { title?: string }).title ?? notice.title);
    expect(body.length).toBeGreaterThan(50);
    expect(body.endsWith('…')).toBe(true);
    expect(given.body.startsWith(body.slice(0, -1))).toBe(true);
  });

  it('tells of data what are ids', async () => {
    await notify({
      data: { invoice: 'R-1', person: ann!.id, more: { id: ann!.id } },
      action_url: 'https://a.example/b',
    });
    const [pushed] = await push.reached(browser);
    expect(browser.read(pushed!.body)).toMatchObject({
      data: { person: ann!.id },
      action_url: 'https://a.example/b',
    });
    expect(browser.read(pushed!.body).data).not.toHaveProperty('invoice');
  });

  it('reaches each browser of the person, and no others', async () => {
    const [another, bobs] = [push.browser(), push.browser()];
    await asAnn!.put(subscriptions, another.subscription);
    await asBob!.put(subscriptions, bobs.subscription);
    await notify();
    await Promise.all([push.reached(browser), push.reached(another)]);
    await settled([{ status: 'sent' }, { status: 'sent' }]);
    expect(push.to(bobs)).toEqual([]);
  });

  it('is pushed nowhere where the person does not want it', async () => {
    await asAnn!.patch('preferences', { types: { APPOINTMENT: { web_push: 'off' } } });
    await notify();
    await notify({ type: 'BILLING' });
    await asAnn!.patch('preferences', { types: null });
    await notify();
    await push.reached(browser);
    await settled([{ status: 'sent' }]);
  });
});

describe('what the push service answers', () => {
  it.each([404, 410])(
    '%i: the subscription is forgotten, and nothing is sent there again',
    async (status) => {
      const another = push.browser();
      await asAnn!.put(subscriptions, another.subscription);
      push.answer(browser, status);
      await notify();
      await push.reached(another);
      await expect.poll(async () => (await asAnn!.get(subscriptions)).body.subscriptions).toHaveLength(1);
      const both = await deliveries();
      expect(both.map((delivery) => delivery.status).toSorted()).toEqual(['cancelled', 'sent']);
      expect(both.map(({ reason }) => reason)).toContain('browser_unsubscribed');
      await notify();
      await push.reached(another, 2);
      expect(push.to(browser)).toHaveLength(1);
    },
  );

  it.each([413, 400, 403, 302])('%i: it is given up, with the reason', async (status) => {
    push.answer(browser, status);
    await notify();
    await settled([{ status: 'failed', attempts: 1, last_error: `The push service answered ${status}.` }]);
    expect((await asAnn!.get(subscriptions)).body.subscriptions).toHaveLength(1);
    expect(push.to(browser)).toHaveLength(1);
  });

  it.each([
    [429, { 'Retry-After': '7200' }, 7200],
    [503, { 'Retry-After': new Date(Date.now() + 7_200_000).toUTCString() }, 7000],
    [500, undefined, 50],
  ])('%i: it is tried again, not before the time that was asked for', async (status, headers, least) => {
    push.answer(browser, status, headers);
    await notify();
    await settled([{ status: 'waiting', attempts: 1, last_error: `The push service answered ${status}.` }]);
    const [delivery] = await deliveries();
    expect(delivery!.due_in).toBeGreaterThan(least);
    push.answer(browser, 201);
    await settledInTime([{ status: 'sent', attempts: 2, last_error: null }]);
    expect(push.to(browser)).toHaveLength(2);
  });
});

describe('a browser that changes hands', () => {
  it('is told nothing more of whoever had it, not even what was on its way', async () => {
    push.answer(browser, 503);
    await notify();
    await settled([{ status: 'waiting', last_error: 'The push service answered 503.' }]);
    push.answer(browser, 201);
    expect(await asBob!.put(subscriptions, browser.subscription)).toMatchObject({ status: 201 });
    await settledInTime([{ status: 'cancelled' }]);
    await asBob!.post('messages/send', { recipient: ann!.id, content: 'for Ann' });
    await asAnn!.post('messages/send', { recipient: bob!.id, content: 'for Bob' });
    const [, pushed] = await push.reached(browser, 2);
    expect(browser.read(pushed!.body)).toMatchObject({ body: 'for Bob' });
    await settled([{ status: 'cancelled' }, { status: 'sent' }]);
  });

  it('is forgotten with a person who is removed', async () => {
    await api.platform(organization).delete(`members/${ann!.id}`);
    const left = () =>
      api.database.query('SELECT FROM push_subscriptions WHERE organization_id = $1', [organization.id]);
    await expect.poll(left).toEqual([]);
  });
});

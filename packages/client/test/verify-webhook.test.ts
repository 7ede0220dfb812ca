import { createHmac, randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders } from 'node:http';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { WebhookError, type WebhookEvent, verifyWebhook } from '@tidings/client/server';

const secretOf = (bytes = 32) => `whsec_${randomBytes(bytes).toString('base64')}`;

const [secret, other] = [secretOf(), secretOf()];
const event = {
  type: 'notification.created',
  timestamp: '2026-11-28T09:00:00.000Z',
  data: { title: 'Grüße ✓' },
};
const body = JSON.stringify(event);

/** The headers of a request that is signed with these secrets, some seconds ago. */
function signed(secrets: string[], { age = 0, text = body } = {}): Record<string, string> {
  const time = new Date(Date.now() - age * 1000);
  return {
    'webhook-id': 'msg.1',
    'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
    'webhook-signature': secrets.map((one) => new Webhook(one).sign('msg.1', time, text)).join(' '),
  };
}

const refusal = (given: Parameters<typeof verifyWebhook>[0]): Promise<unknown> =>
  verifyWebhook(given).then(
    () => 'accepted',
    (error: unknown) => (error instanceof WebhookError ? error.code : error),
  );

describe('verifyWebhook', () => {
  it('returns the event with the id of the delivery, for headers of fetch and of Node, text and bytes', async () => {
    const headers = signed([secret]);
    const expected = { id: 'msg.1', ...event };
    const bytes = Buffer.from(body);
    const node: IncomingHttpHeaders = { ...headers, host: 'example.com', 'set-cookie': ['a', 'b'] };
    expect(await verifyWebhook({ secret, headers, body })).toEqual(expected);
    expect(await verifyWebhook({ secret, headers: node, body: bytes })).toEqual(expected);
    expect(await verifyWebhook({ secret, headers: new Headers(headers), body })).toEqual(expected);
    const request = new Request('https://example.com/', { method: 'POST', headers, body });
    const { headers: received } = request;
    expect(await verifyWebhook({ secret, headers: received, body: await request.text() })).toEqual(expected);
  });

  it('tells events apart by their type', () => {
    expectTypeOf(verifyWebhook).returns.resolves.toEqualTypeOf<WebhookEvent>();
    type Created = Extract<WebhookEvent, { type: 'notification.created' }>;
    expectTypeOf<Created['data']['title']>().toEqualTypeOf<string>();
    type Tested = Extract<WebhookEvent, { type: 'webhook.test' }>;
    expectTypeOf<Tested['data']>().toEqualTypeOf<{ organization_id: string; webhook_id: string }>();
  });

  it('accepts any of several secrets and signatures, as during a rotation', async () => {
    const both = signed([other, secret]);
    await expect(verifyWebhook({ secret, headers: both, body })).resolves.toMatchObject(event);
    await expect(verifyWebhook({ secret: other, headers: both, body })).resolves.toMatchObject(event);
    const headers = signed([secret]);
    await expect(verifyWebhook({ secrets: [other, secret], headers, body })).resolves.toMatchObject(event);
  });

  it('refuses another secret, none, and a body, id or time that was changed', async () => {
    const headers = signed([secret]);
    const time = String(Number(headers['webhook-timestamp']) - 1);
    const given = { secret, headers, body };
    expect(await refusal({ ...given, secret: other })).toBe('wrong_signature');
    expect(await refusal({ secrets: [], headers, body })).toBe('wrong_signature');
    expect(await refusal({ ...given, body: body.replace('Grüße', 'Gruße') })).toBe('wrong_signature');
    expect(await refusal({ ...given, headers: { ...headers, 'webhook-id': 'msg.2' } })).toBe(
      'wrong_signature',
    );
    expect(await refusal({ ...given, headers: { ...headers, 'webhook-timestamp': time } })).toBe(
      'wrong_signature',
    );
  });

  it('refuses signatures of other schemes, shortened ones, and what is no base64', async () => {
    const headers = signed([secret]);
    const signature = headers['webhook-signature']!;
    const wrong = [
      signature.replace('v1,', 'v1a,'),
      signature.replace('v1,', 'v1:'),
      signature.slice(3),
      'v1,',
      'v1,%',
      `${signature.slice(0, 23)}=`,
    ];
    for (const one of wrong) {
      const changed = { ...headers, 'webhook-signature': one };
      expect(await refusal({ secret, headers: changed, body }), one).toBe('wrong_signature');
    }
    const many = [...Array.from({ length: 10 }, () => 'v1,AAAA'), signature].join(' ');
    expect(await refusal({ secret, headers: { ...headers, 'webhook-signature': many }, body })).toBe(
      'wrong_signature',
    );
  });

  it('refuses a time that is more than five minutes off, in either direction, or is none', async () => {
    const at = (age: number) => refusal({ secret, headers: signed([secret], { age }), body });
    expect(await at(295)).toBe('accepted');
    expect(await at(-295)).toBe('accepted');
    expect(await at(302)).toBe('wrong_time');
    expect(await at(-302)).toBe('wrong_time');
    const content = `msg.1.soon.${body}`;
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    const headers = {
      'webhook-id': 'msg.1',
      'webhook-timestamp': 'soon',
      'webhook-signature': `v1,${createHmac('sha256', key).update(content).digest('base64')}`,
    };
    expect(await refusal({ secret, headers, body })).toBe('wrong_time');
  });

  it('names the header that is missing', async () => {
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const headers = { ...signed([secret]), [name]: undefined };
      await expect(verifyWebhook({ secret, headers, body })).rejects.toThrow(`The request has no ${name}.`);
      expect(await refusal({ secret, headers: new Headers(), body })).toBe('missing_header');
    }
  });

  it('throws a TypeError for a mistake of the receiver: a parsed body, or a wrong secret', async () => {
    const headers = signed([secret]);
    const parsed = event as unknown as string;
    await expect(verifyWebhook({ secret, headers, body: parsed })).rejects.toThrow('Pass the raw body');
    const missing = undefined as unknown as string;
    for (const wrong of [missing, '', 'whsec_', 'whsec_%']) {
      await expect(verifyWebhook({ secret: wrong, headers, body })).rejects.toThrow('The secret is not one');
    }
  });
});

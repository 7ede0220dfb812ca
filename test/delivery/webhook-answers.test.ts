import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type WebhookTenant, makeDue, deliveriesOf, expectDelivery, webhookTenant } from './notices.js';
import { type Behaviour, answers, hangs, useReceivers, verify } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let home: WebhookTenant;

beforeEach(async () => {
  home = await webhookTenant(api);
});

const deliveries = () => deliveriesOf(api, home.organization);
const expectOne = (like: object) => expectDelivery(api, home.organization, like);
const comeAgain = () => makeDue(api, home.organization);

describe('a failed webhook attempt', () => {
  it('is retried with the same id and body', async () => {
    const receiver = await receive(answers(500));
    const { secret } = await home.hook(receiver.url);
    await home.notify('News');
    await expectOne({ status: 'waiting', attempts: 1, last_error: 'It responded with 500.' });
    const { due_at } = (await deliveries())[0]!;
    expect(due_at.getTime() - Date.now()).toBeGreaterThan(3000);
    expect(due_at.getTime() - Date.now()).toBeLessThanOrEqual(6000);

    receiver.behaviour = answers(200);
    await comeAgain();
    await expectOne({ status: 'sent', attempts: 2, last_error: null });
    const [first, second] = receiver.received;
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(second!.text).toBe(first!.text);
    for (const received of [first!, second!]) expect(verify(received, secret)).toBeDefined();
  });

  it('is retried after five seconds, without anybody’s help', async () => {
    const receiver = await receive(answers(500));
    await home.hook(receiver.url);
    await home.notify('News');
    const start = Date.now();
    await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(2);
    expect(Date.now() - start).toBeGreaterThan(4500);
  });

  it('fails the delivery after the tenth attempt', { timeout: 90_000 }, async () => {
    const receiver = await receive(answers(500));
    await home.hook(receiver.url);
    await home.notify('News');
    for (let attempts = 1; attempts < 10; attempts++) {
      await expectOne({ status: 'waiting', attempts });
      await comeAgain();
    }
    const last_error = 'It responded with 500. This was the last of 10 attempts.';
    await expectOne({ status: 'failed', attempts: 10, last_error });
    expect(receiver.received).toHaveLength(10);
  });

  it.each([301, 302, 303, 307, 308])(
    'is the result of a redirect with %i, which is not followed',
    async (status) => {
      const elsewhere = await receive();
      const receiver = await receive(answers(status, { location: elsewhere.url }));
      await home.hook(receiver.url);
      await home.notify('News');
      await expectOne({ status: 'waiting', attempts: 1, last_error: `It responded with ${status}.` });
      expect([receiver.connections, elsewhere.connections]).toEqual([1, 0]);
    },
  );

  it.each([
    ['an error status', answers(401), 'It responded with 401.'],
    ['a connection that closes without a response', closes, 'The connection was closed without a response.'],
    ['a response that is not HTTP', speaksNonsense, 'The connection failed: HPE_INVALID_CONSTANT.'],
    ['headers without end', sendsHeaders, 'The connection failed: HPE_HEADER_OVERFLOW.'],
    ['another protocol', upgrades, 'The connection was closed without a response.'],
  ])('is the result of %s', async (_what, behaviour, last_error) => {
    const receiver = await receive(behaviour);
    await home.hook(receiver.url);
    await home.notify('News');
    await expectOne({ status: 'waiting', attempts: 1, last_error });
    expect(receiver.received).toHaveLength(1);
  });

  it('is the result of a refused connection', async () => {
    const receiver = await receive();
    const { url } = receiver;
    await receiver.stop();
    await home.hook(url);
    await home.notify('News');
    await expectOne({ status: 'waiting', attempts: 1, last_error: 'The connection was refused.' });
  });

  it('is the result of an endpoint that hangs, after a timeout', async () => {
    const receiver = await receive(hangs);
    await home.hook(receiver.url);
    await home.notify('News');
    const last_error = 'There was no response within 15 seconds.';
    await expectOne({ status: 'waiting', attempts: 1, last_error });
  });

  it.each([
    [429, '90', 90, 108],
    [503, '90', 90, 108],
    [503, 'in two minutes', 100, 144],
    [503, '99999999999', 86_400, 103_680],
    [500, '90', 5, 6],
    [429, 'soon', 5, 6],
  ])('with status %i is not retried before its Retry-After of %s', async (status, text, least, most) => {
    const pause = text === 'in two minutes' ? new Date(Date.now() + 120_000).toUTCString() : text;
    const receiver = await receive(answers(status, { 'retry-after': pause }));
    await home.hook(receiver.url);
    await home.notify('News');
    await expectOne({ status: 'waiting', attempts: 1 });
    const seconds = ((await deliveries())[0]!.due_at.getTime() - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(least - 3);
    expect(seconds).toBeLessThanOrEqual(most);
  });
});

describe('a 2xx response of a webhook', () => {
  it.each([
    ['with a body that comes in drips', dripping],
    ['with a body without end', endless],
    ['that is broken off', brokenOff],
  ])('%s counts as success without waiting for its end', async (_what, behaviour) => {
    const receiver = await receive(behaviour);
    await home.hook(receiver.url);
    const start = Date.now();
    await home.notify('News');
    await expectOne({ status: 'sent', attempts: 1 });
    expect(Date.now() - start).toBeLessThan(8000);
  });
});

function closes(...[response]: Parameters<Behaviour>): void {
  response.socket!.destroy();
}

function speaksNonsense(...[response]: Parameters<Behaviour>): void {
  response.socket!.end('220 mail.example ESMTP\r\n');
}

function sendsHeaders(...[response]: Parameters<Behaviour>): void {
  response.socket!.write(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}`);
}

function upgrades(...[response]: Parameters<Behaviour>): void {
  response.socket!.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: any\r\nConnection: Upgrade\r\n\r\n');
}

function dripping(...[response]: Parameters<Behaviour>): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write('.'), 100);
  response.on('close', () => clearInterval(timer));
}

function endless(...[response]: Parameters<Behaviour>): void {
  response.writeHead(200);
  const more = () => {
    while (response.write('x'.repeat(65_536)));
  };
  response.on('drain', more);
  more();
}

function brokenOff(...[response]: Parameters<Behaviour>): void {
  response.writeHead(200, { 'content-length': 100 });
  response.write('half', () => response.socket!.destroy());
}

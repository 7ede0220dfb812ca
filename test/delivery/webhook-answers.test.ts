import { beforeEach, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { type Teller, bringDue, deliveriesOf, expectDelivery, teller } from './notices.js';
import { type Behaviour, answers, hangs, useReceivers, verify } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let home: Teller;

beforeEach(async () => {
  home = await teller(api);
});

const deliveries = () => deliveriesOf(api, home.organization);
const expectOne = (like: object) => expectDelivery(api, home.organization, like);
const comeAgain = () => bringDue(api, home.organization);

describe('an attempt that fails', () => {
  it('is followed by another, with the same id and body', async () => {
    const receiver = await receive(answers(500));
    const { secret } = await home.hook(receiver.url);
    await home.tell('News');
    await expectOne({ status: 'waiting', attempts: 1, last_error: 'It answered 500.' });
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

  it('comes again by itself, five seconds later', async () => {
    const receiver = await receive(answers(500));
    await home.hook(receiver.url);
    await home.tell('News');
    const start = Date.now();
    await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(2);
    expect(Date.now() - start).toBeGreaterThan(4500);
  });

  it('is given up after the tenth', { timeout: 90_000 }, async () => {
    const receiver = await receive(answers(500));
    await home.hook(receiver.url);
    await home.tell('News');
    for (let attempts = 1; attempts < 10; attempts++) {
      await expectOne({ status: 'waiting', attempts });
      await comeAgain();
    }
    const last_error = 'It answered 500. This was the last of 10 attempts.';
    await expectOne({ status: 'failed', attempts: 10, last_error });
    expect(receiver.received).toHaveLength(10);
  });

  it.each([301, 302, 303, 307, 308])('may end in a redirect by %i, which nobody follows', async (status) => {
    const elsewhere = await receive();
    const receiver = await receive(answers(status, { location: elsewhere.url }));
    await home.hook(receiver.url);
    await home.tell('News');
    await expectOne({ status: 'waiting', attempts: 1, last_error: `It answered ${status}.` });
    expect([receiver.connections, elsewhere.connections]).toEqual([1, 0]);
  });

  it.each([
    ['a refusal', answers(401), 'It answered 401.'],
    ['nothing but a closed connection', closes, 'The connection was closed without an answer.'],
    ['what is not HTTP', speaksNonsense, 'The connection failed: HPE_INVALID_CONSTANT.'],
    ['headers without end', sendsHeaders, 'The connection failed: HPE_HEADER_OVERFLOW.'],
    ['another protocol', upgrades, 'The connection was closed without an answer.'],
  ])('may end in %s', async (_what, behaviour, last_error) => {
    const receiver = await receive(behaviour);
    await home.hook(receiver.url);
    await home.tell('News');
    await expectOne({ status: 'waiting', attempts: 1, last_error });
    expect(receiver.received).toHaveLength(1);
  });

  it('may find nobody there', async () => {
    const receiver = await receive();
    const { url } = receiver;
    await receiver.stop();
    await home.hook(url);
    await home.tell('News');
    await expectOne({ status: 'waiting', attempts: 1, last_error: 'The connection was refused.' });
  });

  it('may have to be given up, since the other side hangs', async () => {
    const receiver = await receive(hangs);
    await home.hook(receiver.url);
    await home.tell('News');
    const last_error = 'There was no answer within 15 seconds.';
    await expectOne({ status: 'waiting', attempts: 1, last_error });
  });

  it.each([
    [429, '90', 90, 108],
    [503, '90', 90, 108],
    [503, 'in two minutes', 100, 144],
    [503, '99999999999', 86_400, 103_680],
    [500, '90', 5, 6],
    [429, 'soon', 5, 6],
  ])('that ends in %i is not repeated before its Retry-After of %s', async (status, text, least, most) => {
    const pause = text === 'in two minutes' ? new Date(Date.now() + 120_000).toUTCString() : text;
    const receiver = await receive(answers(status, { 'retry-after': pause }));
    await home.hook(receiver.url);
    await home.tell('News');
    await expectOne({ status: 'waiting', attempts: 1 });
    const seconds = ((await deliveries())[0]!.due_at.getTime() - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(least - 3);
    expect(seconds).toBeLessThanOrEqual(most);
  });
});

describe('an answer of 2xx', () => {
  it.each([
    ['with a body that comes in drips', dripping],
    ['with a body without end', endless],
    ['that is broken off', brokenOff],
  ])('%s is enough, and keeps nobody waiting', async (_what, behaviour) => {
    const receiver = await receive(behaviour);
    await home.hook(receiver.url);
    const start = Date.now();
    await home.tell('News');
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

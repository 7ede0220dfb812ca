import { beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { useApi } from '../support/api.js';
import { PATIENCE, type Teller, bringDue, deliveriesOf, expectDelivery, teller } from './notices.js';
import { type Behaviour, type Received, answers, hangs, useReceivers } from './receiver.js';

const api = useApi({ webhookAllowPrivate: true });
const receive = useReceivers();

let home: Teller;

beforeEach(async () => {
  home = await teller(api);
});

const deliveries = () => deliveriesOf(api, home.organization);
const expectOne = (like: object) => expectDelivery(api, home.organization, like);
const comeAgain = () => bringDue(api, home.organization);

/** As a receiver would, with the library of the standard. */
const verify = ({ text, headers }: Received, secret: string): any =>
  new Webhook(secret).verify(text, headers as Record<string, string>);

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
      .toMatchObject([{ status: 'cancelled', last_error: 'The endpoint is disabled.' }, {}]);
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
    await expectOne({ status: 'cancelled', last_error: 'The endpoint was deleted.' });
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

import { describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest';
import type { MessageRoutes, Profile } from '@tidings/client';
import { type Page, TidingsError, createTidingsServer } from '@tidings/client/server';
import { FakeFetch, json, problem } from './fake-fetch.js';
import { callAll, called, isForPeople, operations, operationsOfPeople } from './operations.js';

function serverOf(answer: () => Response = () => json({})) {
  const fake = new FakeFetch(answer);
  const server = createTidingsServer({ url: 'https://t.example/', apiKey: 'td_key', fetch: fake.fetch });
  return { server, fake };
}

describe('the routes', () => {
  it('of the server are those that an API key or the platform key may call, and no others', async () => {
    const { server, fake } = serverOf();
    await callAll(server);
    const allowed = await operations((callers) => callers.some((caller) => !isForPeople([caller])));
    expect(called(fake.sent).toSorted()).toEqual(allowed.toSorted());
  });

  it('on behalf of a person are those that the person may call, and no others', async () => {
    const { server, fake } = serverOf();
    await callAll(server.as('theo'));
    expect(called(fake.sent).toSorted()).toEqual((await operationsOfPeople()).toSorted());
  });

  it('have the types of the API', () => {
    const { server } = serverOf();
    expectTypeOf(server.members.list).returns.resolves.toEqualTypeOf<Page<Profile>>();
    expectTypeOf(server.as('theo').messages).toEqualTypeOf<MessageRoutes>();
    expectTypeOf(server.roles.put).parameter(1).items.extract<'act_as'>().toEqualTypeOf<'act_as'>();
    expectTypeOf(server.oversight.threads).parameter(0).toEqualTypeOf<string>();
  });
});

describe('a request of the server', () => {
  it('has the API key, and the person and organization that it is for', async () => {
    const { server, fake } = serverOf();
    await server.stats.get();
    await server.in('o1').stats.get();
    await server.in('o1').as('theo').messages.unreadCount();
    await server.as('theo').messages.unreadCount();
    const key = { 'X-Api-Key': 'td_key' };
    expect(fake.sent.map(({ headers }) => headers)).toEqual([
      key,
      { ...key, 'X-Organization-Id': 'o1' },
      { ...key, 'X-Organization-Id': 'o1', 'X-On-Behalf-Of': 'theo' },
      { ...key, 'X-On-Behalf-Of': 'theo' },
    ]);
  });

  it('is not made without a key, a person or an organization', () => {
    const { server } = serverOf();
    expect(() => createTidingsServer({ url: 'https://t.example', apiKey: '' })).toThrow('apiKey is empty');
    expect(() => server.as('')).toThrow('person is empty');
    expect(() => server.in('')).toThrow('organizationId is empty');
  });

  it('of oversight has the reason: as bytes of UTF-8 in a header, or in the body', async () => {
    const { server, fake } = serverOf();
    await server.oversight.threads('Beschwerde “№ 7”', { person: 'theo' });
    await server.oversight.deleteMessage('m1', 'A private number');
    await server.oversight.updateGroup('t1', 'Nobody owns it', { owner: 'uma' });
    await server.oversight.removeParticipant('t1', 'theo', 'He asked for it');
    const [threads, ...others] = fake.sent;
    const header = threads!.headers['X-Access-Reason']!;
    expect(Buffer.from(header, 'latin1').toString()).toBe('Beschwerde “№ 7”');
    expect(() => new Headers({ 'X-Access-Reason': header })).not.toThrow();
    expect(threads!.path).toBe('admin/threads?person=theo');
    expect(others.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['DELETE', 'admin/messages/m1', { reason: 'A private number' }],
      ['PATCH', 'admin/threads/t1', { owner: 'uma', reason: 'Nobody owns it' }],
      ['DELETE', 'admin/threads/t1/participants/theo', { reason: 'He asked for it' }],
    ]);
  });

  it('has the idempotency key of the caller, or one of its own', async () => {
    const { server, fake } = serverOf();
    const notification = { to: { everyone: true }, type: 'SYSTEM', title: 'Closed', body: 'On Monday.' };
    await server.notifications.send(notification, { idempotencyKey: 'closed-on-monday' });
    await server.notifications.send(notification);
    const keys = fake.sent.map(({ headers }) => headers['Idempotency-Key']);
    expect(keys).toEqual(['closed-on-monday', expect.stringMatching(/^[\w-]{30,}$/)]);
    expect(fake.sent[0]!.body).toEqual(notification);
  });

  it('is not sent again with the same key after a 401', async () => {
    const { server, fake } = serverOf(() => problem(401, 'unauthenticated'));
    await expect(server.stats.get()).rejects.toBeInstanceOf(TidingsError);
    expect(fake.sent).toHaveLength(1);
  });

  it('is repeated after 503, unless it rotates a secret', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { server, fake } = serverOf(() => problem(503, 'unavailable', { 'Retry-After': '1' }));
    const renamed = server.webhooks.update('w1', { enabled: true }).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    await renamed;
    expect(fake.sent).toHaveLength(5);
    await expect(server.webhooks.update('w1', { rotate_secret: true })).rejects.toMatchObject({
      status: 503,
    });
    expect(fake.sent).toHaveLength(6);
  });
});

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import { TokenVerifier } from '#access';
import { Database } from '#database';
import { makeKey } from '../../libs/identity/api-key-format.js';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

const LIMIT = 5;
// Transactions are counted below: the relay must not have any of its own.
const api = useApi({ rateLimit: LIMIT, worker: 'off' });

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

describe('the rate limit of failed credentials', () => {
  /** Sends from an address that this machine has not, so that tests do not meet. */
  const from =
    (remoteAddress: string) =>
    async (headers: Record<string, string>, path = 'me') =>
      (await api.app.inject({ method: 'GET', url: `/api/v1/${path}`, headers, remoteAddress })).statusCode;

  const forgedKey = () => ({ 'X-Api-Key': makeKey(organization.id, uuid()).text });
  const fail = async (send: ReturnType<typeof from>) => {
    for (let time = 0; time < LIMIT; time++) expect(await send(forgedKey())).toBe(401);
    expect(await send(forgedKey())).toBe(429);
  };

  it('stops an address that tries keys and tokens on any route, with Retry-After', async () => {
    const tries = [
      () => api.withKey('td_wrong').get('me'),
      () => api.withToken('wrong').get('me'),
      () => api.withKey(forgedKey()['X-Api-Key']).get('admin/audit'),
      () => api.withToken('wrong').with({ 'X-Api-Key': 'td_wrong' }).get('members'),
      () => api.anybody.get('members'),
    ];
    for (const attempt of tries) expect((await attempt()).status).toBe(401);
    for (const attempt of tries) {
      const { status, headers, body } = await attempt();
      expect({ status, code: body.code }).toEqual({ status: 429, code: 'rate_limited' });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    }
  });

  it('does not look up keys from that address that were never valid, even valid ones', async () => {
    const { secret } = await api.build.key(organization, ['members:manage']);
    const send = from('192.0.2.1');
    const tried = forgedKey();
    await from('192.0.2.2')(tried);
    await fail(send);
    const transactions = vi.spyOn(api.app.get(Database), 'tenantTransaction');
    expect(await send({ 'X-Api-Key': secret }, 'members')).toBe(429);
    expect(await send(tried)).toBe(429);
    expect(transactions).not.toHaveBeenCalled();
    transactions.mockRestore();
    expect(await from('192.0.2.2')({ 'X-Api-Key': secret }, 'members')).toBe(200);
  });

  it('admits valid tokens and known keys from the same address, such as a proxy', async () => {
    const { secret } = await api.build.key(organization, ['members:manage']);
    const unheard = await api.build.key(organization, []);
    const token = await api.app
      .get(TokenVerifier)
      .sign(
        { userId: (await api.build.member({ organization })).id, organizationId: organization.id },
        '1 hour',
      );
    const send = from('192.0.2.3');
    expect(await send({ 'X-Api-Key': secret }, 'members')).toBe(200);
    expect(await send({ 'X-Api-Key': unheard.secret }, 'members')).toBe(403);
    await fail(send);
    expect(await send({ 'X-Api-Key': secret }, 'members')).toBe(200);
    expect(await send({ 'X-Api-Key': unheard.secret }, 'members')).toBe(403);
    expect(await send({ Authorization: `Bearer ${token}` })).toBe(200);
  });

  it('counts by IPv4 address or IPv6 network, and ignores X-Forwarded-For', async () => {
    await fail(from('192.0.2.4'));
    expect(await from('192.0.2.4')({ ...forgedKey(), 'X-Forwarded-For': '192.0.2.5' })).toBe(429);
    expect(await from('192.0.2.5')(forgedKey())).toBe(401);

    await fail(from('2001:db8:0:1:2:3:4:5'));
    expect(await from('2001:db8:0:1::1')(forgedKey())).toBe(429);
    expect(await from('2001:db8:0:2::1')(forgedKey())).toBe(401);
    await fail(from('::1'));
  });

  it('counts different notations of an address as one', async () => {
    await fail(from('192.0.2.6'));
    expect(await from('::ffff:192.0.2.6')(forgedKey())).toBe(429);
    expect(await from('::ffff:c000:206')(forgedKey())).toBe(429);
    expect(await from('::ffff:192.0.2.7')(forgedKey())).toBe(401);

    await fail(from('2001:db8:0:0:1::'));
    expect(await from('2001:db8::1')(forgedKey())).toBe(429);
    expect(await from('2001:db8::1:0:0:1')(forgedKey())).toBe(429);
  });
});

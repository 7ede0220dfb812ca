import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionLimits } from '../../apps/api/realtime/connection-limits.js';
import { TEST_CONFIG, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import { Connection, connect, dial, portOf, refusal, tokenOf } from './client.js';

const api = useApi({ corsOrigins: ['https://clinic.example'] });

let organization: TestOrganization;
let bob: TestMember;
let open: Connection[] = [];

beforeEach(async () => {
  organization = await api.build.organization();
  bob = await api.build.member({ organization });
});

afterEach(() => {
  for (const connection of open) connection.drop();
  open = [];
});

async function connected(given: Parameters<typeof connect>[2] = {}): Promise<Connection> {
  const connection = await connect(api, bob, given);
  open.push(connection);
  return connection;
}

const bearer = async (member = bob) => ({ Authorization: `Bearer ${await tokenOf(api, member)}` });

async function expectRefused(headers: Record<string, string>, status: number, code: string, path?: string) {
  const answer = await refusal(dial(portOf(api), { headers, path }));
  expect(answer).toMatchObject({ status, body: { status, code, request_id: expect.any(String) } });
  expect(answer.headers['content-type']).toContain('application/problem+json');
  return answer;
}

describe('a realtime connection', () => {
  it('accepts a token in the header or as subprotocol, on both versions of the path', async () => {
    expect((await connected()).socket.protocol).toBe('');
    expect((await connected({ path: '/api/realtime' })).frames).toHaveLength(1);
    const token = await tokenOf(api, bob);
    const socket = dial(portOf(api), { protocols: ['tidings', token] });
    const connection = new Connection(socket);
    open.push(connection);
    await connection.ready();
    expect(socket.protocol).toBe('tidings');
    expect(socket.extensions).toBe('');
  });

  it('is accepted from pages of the same host and of CORS_ORIGINS', async () => {
    const port = portOf(api);
    for (const Origin of ['https://clinic.example', `http://127.0.0.1:${port}`])
      await connected({ headers: { Origin } });
  });

  it.each(['https://evil.example', 'http://127.0.0.1:1', 'null', 'https://clinic.example.evil.example'])(
    'is refused from a page of %s',
    async (Origin) => {
      await expectRefused({ ...(await bearer()), Origin }, 403, 'forbidden');
    },
  );

  it('is refused without a token, and with an invalid, expired or foreign one', async () => {
    await expectRefused({}, 401, 'unauthenticated');
    await expectRefused({ Authorization: 'Bearer x.y.z' }, 401, 'unauthenticated');
    await expectRefused({ 'Sec-WebSocket-Protocol': 'tidings' }, 401, 'unauthenticated');
    const { secret } = TEST_CONFIG.authentication as { secret: string };
    const sign = (key: string, expiry: string) =>
      new SignJWT({ org: organization.id })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(bob.id)
        .setExpirationTime(expiry)
        .sign(new TextEncoder().encode(key));
    const expired = await sign(secret, '-2 minutes');
    await expectRefused({ Authorization: `Bearer ${expired}` }, 401, 'unauthenticated');
    const forged = await sign('x'.repeat(40), '1 hour');
    await expectRefused({ Authorization: `Bearer ${forged}` }, 401, 'unauthenticated');
  });

  it('is refused for a person who is not a member', async () => {
    const stranger = await api.build.member();
    await expectRefused(await bearer({ ...stranger, organization }), 403, 'forbidden');
    await api.platform(organization).delete(`members/${bob.id}`);
    await expectRefused(await bearer(), 403, 'forbidden');
  });

  it('is refused for services', async () => {
    const { secret } = await api.build.key(organization, ['act_as']);
    await expectRefused({ 'X-Api-Key': secret }, 403, 'forbidden');
    await expectRefused({ 'X-Api-Key': secret, 'X-On-Behalf-Of': bob.username }, 403, 'forbidden');
  });

  it('is refused with an invalid since, naming it', async () => {
    const answer = await expectRefused(
      await bearer(),
      400,
      'validation_failed',
      '/api/v1/realtime?since=yesterday',
    );
    expect(answer.body).toMatchObject({ errors: [{ field: 'since' }] });
  });

  it('is refused while the person has ten others', async () => {
    const connections = await Promise.all(Array.from({ length: 10 }, () => connected()));
    const answer = await expectRefused(await bearer(), 429, 'rate_limited');
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    const another = await connect(api, await api.build.member({ organization }));
    open.push(another);
    connections[0]!.drop();
    await expect
      .poll(() =>
        connected().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });

  it('is refused while the organization has as many as it may, and others are accepted', async () => {
    const limits = api.app.get(ConnectionLimits);
    const { maxPerOrganization } = limits;
    expect(maxPerOrganization).toBe(5000);
    limits.maxPerOrganization = 3;
    try {
      await Promise.all([connected(), connected(), connected()]);
      const another = await api.build.member({ organization });
      const answer = await expectRefused(await bearer(another), 429, 'rate_limited');
      expect(answer.headers['retry-after']).toBe('60');
      expect(answer.body['detail']).toContain('organization');
      open.push(await connect(api, await api.build.member()));
    } finally {
      limits.maxPerOrganization = maxPerOrganization;
    }
  });

  it('leaves no socket open if it is refused', async () => {
    const port = portOf(api);
    const socket = connectTcp(port, '127.0.0.1');
    socket.write(
      `GET /api/v1/realtime HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 401 /);
  });

  it('is not opened by an Upgrade on another route', async () => {
    const headers = { ...(await bearer()), Connection: 'Upgrade', Upgrade: 'websocket' };
    expect((await api.http.send({ method: 'GET', path: '/api/v1/me', headers })).status).toBe(200);
    const h2c = { ...(await bearer()), Connection: 'Upgrade', Upgrade: 'h2c' };
    expect((await api.http.send({ method: 'GET', path: '/api/v1/realtime', headers: h2c })).body).toEqual({
      last_seq: 0,
    });
  });
});

describe('a realtime connection ends', () => {
  it('when its token expires', async () => {
    const connection = await connected({ lifetime: '2 seconds' });
    await connection.expectClosed(4401, 3500);
  });

  it('within five seconds after the membership ends', async () => {
    const [connection, other] = [await connected(), await connected()];
    await api.platform(organization).delete(`members/${bob.id}`);
    await connection.expectClosed(4403, 5000);
    await other.expectClosed(4403, 5000);
  });

  it('after a frame of more than 64 kB, and not after a smaller one', async () => {
    const connection = await connected();
    connection.socket.send('x'.repeat(64 * 1024));
    connection.socket.ping();
    await once(connection.socket, 'pong');
    expect(connection.closed).toBeUndefined();
    connection.socket.send('x'.repeat(64 * 1024 + 1));
    await connection.expectClosed(1009);
  });
});

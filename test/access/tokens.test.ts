import { createHmac } from 'node:crypto';
import { SignJWT, UnsecuredJWT, exportSPKI, generateKeyPair } from 'jose';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import { Database } from '#database';
import { TEST_CONFIG, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'tidings';
const SECRET = (TEST_CONFIG.authentication as { secret: string }).secret;

const authentication = { mode: 'dev', secret: SECRET, issuer: ISSUER, audience: AUDIENCE } as const;
// Transactions are counted below, so that the relay and its hourly work must not have any of their own.
const api = useApi({ authentication, worker: 'off' });
const secret = new TextEncoder().encode(SECRET);

let member: TestMember;

beforeAll(async () => {
  member = await api.build.member();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const now = () => Math.floor(Date.now() / 1000);
const goodClaims = () => ({
  sub: member.id,
  org: member.organization.id,
  iss: ISSUER,
  aud: AUDIENCE,
  exp: now() + 60,
});
const sign = (claims: object, header: object = {}, key: Uint8Array = secret) =>
  new SignJWT({ ...goodClaims(), ...claims }).setProtectedHeader({ alg: 'HS256', ...header }).sign(key);
const asymmetric = async (alg: string) =>
  new SignJWT(goodClaims()).setProtectedHeader({ alg }).sign((await generateKeyPair(alg)).privateKey);
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const forged = (header: object, mac: (input: string) => string) => {
  const input = `${base64(header)}.${base64(goodClaims())}`;
  return `${input}.${mac(input)}`;
};

/** Each differs from a good token in one respect. */
const BAD: Record<string, () => Promise<string> | string> = {
  'no token': () => '',
  'a text that is not a JWT': () => 'abc',
  'two parts': async () => (await sign({})).split('.').slice(0, 2).join('.'),
  'four parts': async () => `${await sign({})}.abc`,
  'an empty signature': async () => `${(await sign({})).split('.').slice(0, 2).join('.')}.`,
  'a changed payload': async () => {
    const [header, , signature] = (await sign({})).split('.');
    return `${header}.${base64({ ...goodClaims(), sub: uuid() })}.${signature}`;
  },
  'a changed signature': async () => `${(await sign({})).slice(0, -4)}AAAA`,
  'alg none': () => new UnsecuredJWT(goodClaims()).encode(),
  'alg None with a signature': () => forged({ alg: 'None' }, () => 'abc'),
  'alg HS384': () => sign({}, { alg: 'HS384' }),
  'alg HS512': () => sign({}, { alg: 'HS512' }),
  'alg RS256': () => asymmetric('RS256'),
  'alg ES256': () => asymmetric('ES256'),
  'alg EdDSA': () => asymmetric('EdDSA'),
  'HS256 signed with a public key': async () => {
    const { publicKey } = await generateKeyPair('RS256');
    return sign({}, {}, new TextEncoder().encode(await exportSPKI(publicKey)));
  },
  'another secret': () => sign({}, {}, new TextEncoder().encode('another secret of thirty-two characters')),
  'an empty secret': () =>
    forged({ alg: 'HS256' }, (input) => createHmac('sha256', '').update(input).digest('base64url')),
  'a jwk header': () =>
    sign({}, { jwk: { kty: 'oct', k: 'AAAA' } }, new TextEncoder().encode('AAAA'.repeat(10))),
  'a jku header': () =>
    sign({}, { jku: 'https://evil.example/jwks.json' }, new TextEncoder().encode('A'.repeat(40))),
  'a crit header': () =>
    forged({ alg: 'HS256', crit: ['exp'], exp: 1 }, (input) =>
      createHmac('sha256', secret).update(input).digest('base64url'),
    ),
  'an expiry in the past': () => sign({ exp: now() - 31 }),
  'no expiry': () => sign({ exp: undefined }),
  'an expiry that is text': () => sign({ exp: '2099-01-01' }),
  'not before the future': () => sign({ nbf: now() + 60 }),
  'another audience': () => sign({ aud: 'others' }),
  'no audience': () => sign({ aud: undefined }),
  'another issuer': () => sign({ iss: 'https://evil.example' }),
  'no issuer': () => sign({ iss: undefined }),
  'no subject': () => sign({ sub: undefined }),
  'a subject that is not a UUID': () => sign({ sub: 'theo' }),
  'no organization': () => sign({ org: undefined }),
  'an organization that is not a UUID': () => sign({ org: 'clinic' }),
  'a list of organizations': () => sign({ org: [member.organization.id] }),
  'the type of a logout token': () => sign({}, { typ: 'logout+jwt' }),
};

const EXPIRED = 'The token has expired: get a new one.';
const INVALID = 'The signature or the claims of the token are wrong: get a new one.';

/** What a refusal says, in its header and in its body. */
const refusal = (detail?: string) => ({
  status: 401,
  headers: {
    'www-authenticate': detail ? `Bearer error="invalid_token", error_description="${detail}"` : 'Bearer',
  },
  body: { code: 'unauthenticated', ...(detail && { detail }) },
});

describe('a bearer token', () => {
  it('is accepted with the claims sub, org and exp, and the types JWT and at+jwt', async () => {
    for (const header of [{}, { typ: 'JWT' }, { typ: 'at+jwt' }]) {
      expect(await api.withToken(await sign({}, header)).get('me')).toMatchObject({
        status: 200,
        body: { id: member.id },
      });
    }
  });

  it('is accepted for 30 seconds after exp, because clocks differ', async () => {
    expect((await api.withToken(await sign({ exp: now() - 25 })).get('me')).status).toBe(200);
    expect((await api.withToken(await sign({ nbf: now() + 25 })).get('me')).status).toBe(200);
  });

  it('is refused after that, even if it is cached', async () => {
    const client = api.withToken(await sign({ exp: now() - 27 }));
    expect((await client.get('me')).status).toBe(200);
    await vi.waitFor(async () => expect(await client.get('me')).toMatchObject(refusal(EXPIRED)), 10_000);
  });

  it('is called expired only if signature and claims are valid', async () => {
    const past = { exp: now() - 31 };
    expect(await api.withToken(await sign(past)).get('me')).toMatchObject(refusal(EXPIRED));
    const forger = new TextEncoder().encode('another secret of thirty-two characters');
    for (const token of [await sign(past, {}, forger), await sign({ ...past, aud: 'others' })])
      expect(await api.withToken(token).get('me')).toMatchObject(refusal(INVALID));
  });

  it.each(Object.entries(BAD))('is refused, without asking the database, with %s', async (what, make) => {
    const token = await make();
    const transactions = vi.spyOn(api.app.get(Database), 'tenantTransaction');
    const detail = { 'no token': undefined, 'an expiry in the past': EXPIRED };
    expect(await api.withToken(token).get('me')).toMatchObject(
      refusal(what in detail ? detail[what as keyof typeof detail] : INVALID),
    );
    expect(transactions).not.toHaveBeenCalled();
  });

  it('is refused in the query string, in another scheme, and together with an API key', async () => {
    const token = await sign({});
    expect(await api.anybody.get(`me?access_token=${token}`)).toMatchObject(refusal());
    expect(await api.anybody.with({ Authorization: `Basic ${token}` }).get('me')).toMatchObject(refusal());
    expect((await api.withToken(token).with({ 'X-Api-Key': 'td_x' }).get('me')).status).toBe(401);
  });

  it('gets 403 if its subject is not a member', async () => {
    const stranger = await api.withToken(await sign({ sub: uuid() })).get('me');
    const elsewhere = await api.withToken(await sign({ org: (await api.build.organization()).id })).get('me');
    expect([stranger.status, elsewhere.status]).toEqual([403, 403]);
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, type JWK, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TokenVerifier } from '#access';
import type { Config } from '#config';
import { v7 as uuid } from 'uuid';
import { TEST_CONFIG } from '../support/api.js';

const ISSUER = 'https://issuer.example';
const claims = { sub: uuid(), org: uuid() };

/** An issuer with a JWKS of its own, which can rotate, and fail. */
const issuer = {
  keys: [] as JWK[],
  fetches: 0,
  down: false,
  server: undefined as unknown as Server,
  url: '',
};
let keys: { kid: string; privateKey: CryptoKey }[];
let verifiers: TokenVerifier[];

beforeAll(async () => {
  issuer.server = createServer((_request, response) => {
    issuer.fetches++;
    response.writeHead(issuer.down ? 500 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ keys: issuer.keys }));
  });
  await new Promise<void>((listening) => issuer.server.listen(0, '127.0.0.1', listening));
  issuer.url = `http://127.0.0.1:${(issuer.server.address() as AddressInfo).port}/jwks.json`;
});

afterAll(() => new Promise<void>((closed) => void issuer.server.close(() => closed())));

afterEach(() => {
  vi.useRealTimers();
  for (const verifier of verifiers) verifier.onApplicationShutdown();
});

async function publishNewKey(): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const kid = uuid();
  issuer.keys = [...issuer.keys, { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }];
  keys.push({ kid, privateKey });
}

async function createVerifier(): Promise<TokenVerifier> {
  Object.assign(issuer, { keys: [], fetches: 0, down: false });
  keys = [];
  verifiers = [];
  await publishNewKey();
  const authentication = { mode: 'jwt', jwksUrl: issuer.url, issuer: ISSUER, audience: 'tidings' } as const;
  const verifier = new TokenVerifier({ ...TEST_CONFIG, authentication } satisfies Config);
  verifiers.push(verifier);
  return verifier;
}

const token = ({ kid, privateKey } = keys.at(-1)!) =>
  new SignJWT({ org: claims.org })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setSubject(claims.sub)
    .setIssuer(ISSUER)
    .setAudience('tidings')
    .setExpirationTime('1 hour')
    .sign(privateKey);

const accepted = { userId: claims.sub, organizationId: claims.org };
const later = (milliseconds: number) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
};

describe('keys of AUTH_JWKS_URL', () => {
  it('are fetched once for many tokens', async () => {
    const verifier = await createVerifier();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => token()));
    expect(await Promise.all(tokens.map((one) => verifier.verify(one)))).toEqual(tokens.map(() => accepted));
    expect(issuer.fetches).toBe(1);
  });

  it('rotate under load without a token refused', async () => {
    const verifier = await createVerifier();
    await verifier.verify(await token());
    later(31_000);
    await publishNewKey();
    const tokens = await Promise.all(
      [...keys, ...keys, ...keys].flatMap((key) => Array.from({ length: 30 }, () => token(key))),
    );
    expect(await Promise.all(tokens.map((one) => verifier.verify(one)))).toEqual(tokens.map(() => accepted));
    expect(issuer.fetches).toBe(2);
  });

  it('are fetched at most once in thirty seconds, however many tokens name an unknown one', async () => {
    const verifier = await createVerifier();
    await verifier.verify(await token());
    const { privateKey } = await generateKeyPair('ES256');
    const flood = await Promise.all(Array.from({ length: 300 }, () => token({ kid: uuid(), privateKey })));
    later(31_000);
    for (const one of flood) expect(await verifier.verify(one)).toBeNull();
    expect(issuer.fetches).toBe(2);
  });

  it('stay good while the issuer is down', async () => {
    const verifier = await createVerifier();
    await verifier.verify(await token());
    issuer.down = true;
    later(24 * 60 * 60_000);
    expect(await verifier.verify(await token())).toEqual(accepted);
  });

  it('are asked for at most once in thirty seconds while the issuer is down, and nobody is called unauthenticated', async () => {
    const verifier = await createVerifier();
    issuer.down = true;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => token()));
    for (const one of tokens)
      await expect(verifier.verify(one)).rejects.toMatchObject({ code: 'unavailable' });
    expect(issuer.fetches).toBe(1);
    Object.assign(issuer, { down: false });
    later(31_000);
    expect(await verifier.verify(await token())).toEqual(accepted);
  });

  it('refuse a token signed by none of them, or without the name of one that is there', async () => {
    const verifier = await createVerifier();
    const { privateKey } = await generateKeyPair('ES256');
    expect(await verifier.verify(await token({ kid: keys[0]!.kid, privateKey }))).toBeNull();
    expect(await verifier.verify(await token({ kid: uuid(), privateKey }))).toBeNull();
  });
});

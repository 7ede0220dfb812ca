import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, type JWK, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterAll, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { Config } from '#config';
import type { TestMember } from '../support/builders.js';

const NAMES = { issuer: 'https://issuer.example', audience: 'tidings' };

export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
}

/** Signs people's tokens, and serves a JWKS that rotates, and fails, when a test wants it. */
export class Issuer {
  isDown = false;
  fetches = 0;
  readonly keys: SigningKey[] = [];
  private readonly published: JWK[] = [];

  private constructor(private readonly server: Server) {}

  /** Listens at once, since the configuration of an API names its address. */
  static async start(): Promise<Issuer> {
    const server = createServer((_request, response) => {
      issuer.fetches++;
      response.writeHead(issuer.isDown ? 500 : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ keys: issuer.published }));
    });
    const issuer = new Issuer(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    await issuer.rotate();
    afterAll(() => new Promise<void>((closed) => void server.close(() => closed())));
    return issuer;
  }

  get authentication(): Config['authentication'] {
    const { port } = this.server.address() as AddressInfo;
    return { mode: 'jwt', jwksUrl: `http://127.0.0.1:${port}/jwks.json`, ...NAMES };
  }

  /** Publishes one more key, which signs from now on. */
  async rotate(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const kid = uuid();
    this.published.push({ ...(await exportJWK(publicKey)), kid, alg: 'ES256' });
    this.keys.push({ kid, privateKey });
  }

  sign({ id, organization }: TestMember, { kid, privateKey } = this.keys.at(-1)!): Promise<string> {
    return new SignJWT({ org: organization.id })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setSubject(id)
      .setIssuer(NAMES.issuer)
      .setAudience(NAMES.audience)
      .setExpirationTime('1 hour')
      .sign(privateKey);
  }
}

/** Moves the clock on; timers go on as ever. */
export const later = (milliseconds: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
};

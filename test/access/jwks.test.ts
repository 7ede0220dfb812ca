import { generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import { PROBLEMS } from '#problem';
import { useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { Issuer, type SigningKey, later } from './issuer.js';

/** How long to wait between fetches. */
const COOLDOWN = 30_000;

const issuer = await Issuer.start();
const api = useApi({ authentication: issuer.authentication });

let member: TestMember;
let unknown: SigningKey[];

const statusFor = async (key?: SigningKey): Promise<number> => {
  const { status, body } = await api.withToken(await issuer.sign(member, key)).get('me');
  // Load that a busy machine sheds says nothing of keys.
  return status === 503 && body.detail === PROBLEMS.unavailable[2] ? statusFor(key) : status;
};
const statusesFor = async (keys: SigningKey[]) => Promise.all(keys.map((key) => statusFor(key)));

beforeAll(async () => {
  member = await api.build.member();
  const { privateKey } = await generateKeyPair('ES256');
  unknown = Array.from({ length: 40 }, () => ({ kid: uuid(), privateKey }));
  expect(await statusFor()).toBe(200);
});

beforeEach(() => {
  issuer.isDown = false;
  issuer.fetches = 0;
  later(COOLDOWN + 1);
});

afterAll(() => void vi.useRealTimers());

describe('the keys of AUTH_JWKS_URL', () => {
  it('rotate under load with one fetch and no refused request', async () => {
    const statuses: number[] = [];
    const ask = async () => {
      for (let time = 0; time < 10; time++) {
        // Whoever signed in before goes on with a token of the key before.
        statuses.push(...(await statusesFor(issuer.keys.slice(-2))));
        if (statuses.length === 50) await issuer.rotate();
      }
    };
    await Promise.all(Array.from({ length: 10 }, ask));
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(statuses.length).toBeGreaterThan(100);
    expect(issuer.fetches).toBe(1);
  });

  it('are fetched at most once in thirty seconds for unknown key ids', async () => {
    const flood = () =>
      Promise.all([statusesFor(unknown), statusesFor(Array.from({ length: 10 }, () => issuer.keys.at(-1)!))]);
    for (const fetches of [1, 1, 2]) {
      const [strange, good] = await flood();
      expect(new Set(strange)).toEqual(new Set([401]));
      expect(new Set(good)).toEqual(new Set([200]));
      expect(issuer.fetches).toBe(fetches);
      later(COOLDOWN / 2 + 1);
    }
  });

  it('stay valid while the issuer is down, and unknown ones get 503', async () => {
    issuer.isDown = true;
    later(24 * 60 * 60_000);
    expect(await statusFor()).toBe(200);
    expect(new Set(await statusesFor(unknown))).toEqual(new Set([503]));
    expect(await statusFor()).toBe(200);
    expect(issuer.fetches).toBe(1);
  });

  it('refuse a token with their key id that another key has signed', async () => {
    expect(await statusFor({ ...unknown[0]!, kid: issuer.keys[0]!.kid })).toBe(401);
    expect(issuer.fetches).toBe(0);
  });
});

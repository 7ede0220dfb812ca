import { afterAll, expect, it, vi } from 'vitest';
import { useApi } from '../support/api.js';
import { Issuer, later } from './issuer.js';

const issuer = await Issuer.start();
const api = useApi({ authentication: issuer.authentication });

afterAll(() => void vi.useRealTimers());

it('answers 503 instead of 401 while AUTH_JWKS_URL cannot be read, and fetches it every thirty seconds', async () => {
  const person = api.withToken(await issuer.sign(await api.build.member()));
  issuer.isDown = true;
  const answers = await Promise.all(Array.from({ length: 50 }, () => person.get('me')));
  for (const { status, headers, body } of answers) {
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
    expect(headers['retry-after']).toBe('1');
  }
  expect(issuer.fetches).toBe(1);

  issuer.isDown = false;
  expect((await person.get('me')).status).toBe(503);
  expect(issuer.fetches).toBe(1);

  later(30_001);
  expect((await person.get('me')).status).toBe(200);
  expect(issuer.fetches).toBe(2);
});

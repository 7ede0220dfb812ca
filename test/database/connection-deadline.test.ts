import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TokenVerifier } from '#access';
import { SilentProxy } from '../faults/silent-proxy.js';
import { useApi } from '../support/api.js';
import { type SecondApi, startSecondApi } from '../support/second-api.js';

const api = useApi({ worker: 'off' });

let proxy: SilentProxy;
let behindProxy: SecondApi;

beforeAll(async () => {
  proxy = await SilentProxy.start(api.database.url);
  behindProxy = await startSecondApi({ url: proxy.url });
});

afterAll(async () => {
  proxy.cut();
  await behindProxy.stop();
  proxy.stop();
});

/** Somebody of an organization of their own, who asks for something that is read from the database each time. */
async function reader(): Promise<() => Promise<number>> {
  const { id, organization } = await api.build.member();
  const token = await api.app
    .get(TokenVerifier)
    .sign({ userId: id, organizationId: organization.id }, '1 hour');
  const request = {
    method: 'GET',
    path: '/api/v1/messages/unread-count',
    headers: { Authorization: `Bearer ${token}` },
  };
  return async () => (await behindProxy.http.send(request)).status;
}

it('answers 503 within 5 s if the pool is full and PostgreSQL then accepts no connection', async () => {
  const [one, two, third] = [await reader(), await reader(), await reader()];
  const all = [...Array<typeof one>(12).fill(one), ...Array<typeof two>(4).fill(two)];
  // So that everybody is known, and each connection is there.
  expect(new Set(await Promise.all([...all, third].map((read) => read())))).toEqual(new Set([200]));
  proxy.silence();
  proxy.isSilentToNew = true;
  const hanging = all.map((read) => read());
  const begun = performance.now();
  const answer = third();
  await delay(4000);
  proxy.cut();
  expect(await answer).toBe(503);
  // Five seconds in all, and not five after the connections were cut.
  expect(performance.now() - begun).toBeLessThan(8000);
  expect(new Set(await Promise.all(hanging))).toEqual(new Set([503]));
});

import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';

const LIMIT = 6;
const api = useApi({ rateLimit: LIMIT });

describe('the rate limit of the documentation', () => {
  it('counts by address over all its files, apart from API requests', async () => {
    const from = async (remoteAddress: string, url: string) =>
      (await api.app.inject({ method: 'GET', url, remoteAddress })).statusCode;
    const paths = [
      '/openapi.json',
      '/docs',
      '/asyncapi.json',
      '/docs/swagger-ui-init.js',
      '/docs/swagger-ui.css',
      '/openapi.json',
    ];
    for (const path of paths) expect(await from('192.0.2.1', path)).toBe(200);
    for (const path of paths) expect(await from('192.0.2.1', path)).toBe(429);
    expect(await from('192.0.2.2', '/openapi.json')).toBe(200);
    expect(await from('192.0.2.1', '/health/live')).toBe(200);
    const { app } = api;
    const refused = await app.inject({ method: 'GET', url: '/docs', remoteAddress: '192.0.2.1' });
    expect(refused.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const person = await api.as(await api.build.member());
    expect((await person.get('me')).status).toBe(200);
  });
});

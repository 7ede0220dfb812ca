import { describe, expect, it, vi } from 'vitest';
import { Metrics } from '#metrics';
import { ServingState } from '../../apps/api/operations/serving-state.js';
import { useApi } from '../support/api.js';

const api = useApi();

describe('the request id', () => {
  it('is taken from the request or generated, and is in the response and the log', async () => {
    const given = await api.anybody.with({ 'X-Request-Id': 'trace-42' }).get('/health/live');
    expect(given.headers['x-request-id']).toBe('trace-42');
    expect(api.logged.some((line) => JSON.parse(line).request_id === 'trace-42')).toBe(true);
    expect((await api.anybody.get('/health/live')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is replaced if it could do harm', async () => {
    for (const given of ['a b', '"', 'x'.repeat(129), '<script>']) {
      const { headers } = await api.anybody.with({ 'X-Request-Id': given }).get('/health/live');
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('the log', () => {
  it('has a line for each request with route and ids', async () => {
    const member = await api.build.member();
    await (await api.as(member)).get(`members/${member.username}`);
    const line = api.logged.map((logged) => JSON.parse(logged)).findLast(({ msg }) => msg === 'request');
    expect(line).toMatchObject({
      method: 'GET',
      route: '/api/v1/members/:person',
      status: 200,
      milliseconds: expect.any(Number),
      organization_id: member.organization.id,
      user_id: member.id,
    });
  });

  it('names callers who were refused', async () => {
    const member = await api.build.member();
    await (await api.as(member)).get('admin/audit');
    const line = api.logged.map((logged) => JSON.parse(logged)).findLast(({ msg }) => msg === 'request');
    expect(line).toMatchObject({ status: 403, user_id: member.id });
  });

  it('contains no token, key, name, e-mail address or query', async () => {
    const member = await api.build.member({
      role: 'admin',
      username: 'verysecretname',
      email: 'very@secret.example',
    });
    const person = await api.as(member);
    await person.get('members/verysecretname');
    await person.get('members?query=verysecretname');
    await person.put(`members/${member.id}`, {
      username: 'verysecretname',
      display_name: 'Very Secret',
      role: 'nonsense',
      email: 'very@secret.example',
    });
    const { body } = await person.post('admin/api-keys', { name: 'very secret service', scopes: [] });
    await api.withKey(body.secret).get('members');
    await api.withToken('eyJvery.secret.token').get('me');
    expect(api.logged.join('')).not.toMatch(/very.?secret|eyJ|td_|Bearer/i);
  });
});

describe('health', () => {
  it('is live without the database, and ready with it', async () => {
    expect(await api.anybody.get('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await api.anybody.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('is not ready during a stop, while requests are served and connections closed', async () => {
    const state = api.app.get(ServingState);
    const person = await api.as(await api.build.member());
    state.draining = true;
    try {
      const ready = await api.anybody.get('/health/ready');
      expect(ready.status).toBe(503);
      expect(ready.headers['retry-after']).toBe('1');
      const me = await person.get('me');
      expect(me.status).toBe(200);
      expect(me.headers['connection']).toBe('close');
    } finally {
      state.draining = false;
    }
  });
});

describe('metrics', () => {
  it('count requests by route, without ids', async () => {
    const member = await api.build.member({ username: 'somebody' });
    await (await api.as(member)).get('members/somebody');
    const count =
      'http_request_duration_seconds_count{method="GET",route="/api/v1/members/:person",status="200"}';
    const text = async () => (await api.anybody.get('/metrics')).text;
    await expect.poll(text).toContain(count);
    const { text: metrics, headers } = await api.anybody.get('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(metrics).toContain('database_transactions_waiting 0');
    expect(metrics).not.toContain('somebody');
  });

  it('are collected once for all scrapes at the same time, and again for a later one', async () => {
    let collections = 0;
    let received = 0;
    const scrapes = 50;
    const collected = Promise.withResolvers<void>();
    const counter = { name: 'test_collections', help: 'How often this was collected.' };
    api.app.get(Metrics).gauge(counter, async (gauge) => {
      gauge.set(++collections);
      await collected.promise;
    });
    const scrape = async () => (await api.anybody.get('/metrics')).text;
    // The first scrapes may get a result from before.
    const first = vi.waitUntil(async () => (await scrape()).includes('test_collections 1'), 5000);
    await expect.poll(() => collections, { timeout: 5000 }).toBe(1);
    api.app.getHttpServer().on('request', () => received++);
    const texts = Promise.all(Array.from({ length: scrapes }, scrape));
    await expect.poll(() => received, { timeout: 5000 }).toBe(scrapes);
    collected.resolve();
    await first;
    for (const text of await texts) expect(text).toContain('test_collections 1');
    expect(collections).toBe(1);
    await expect.poll(scrape).toContain('test_collections 2');
  });
});

describe('every response', () => {
  it('has security headers for browsers', async () => {
    const person = await api.as(await api.build.member());
    const paths = ['/health/live', '/api/v1/me', '/docs', '/nothing'];
    for (const path of paths) {
      for (const client of [api.anybody, person]) {
        const { headers } = await client.get(path);
        expect(headers, path).toMatchObject({
          'content-security-policy':
            "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';" +
            "img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline'",
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'origin-agent-cluster': '?1',
          'referrer-policy': 'no-referrer',
          'strict-transport-security': 'max-age=31536000; includeSubDomains',
          'x-content-type-options': 'nosniff',
          'x-dns-prefetch-control': 'off',
          'x-download-options': 'noopen',
          'x-frame-options': 'SAMEORIGIN',
          'x-permitted-cross-domain-policies': 'none',
          'x-xss-protection': '0',
        });
      }
    }
  });
});

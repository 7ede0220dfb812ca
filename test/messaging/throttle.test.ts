import { expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';

const api = useApi({ rateLimit: null });

it('limits oversight to thirty requests a minute, even without RATE_LIMIT', async () => {
  const { organization, admin } = await api.build.organizationWithAdmin();
  const colleague = await api.as(await api.build.member({ organization, role: 'admin' }));
  const look = (client: Client) => client.with({ 'X-Access-Reason': 'a test' }).get('admin/threads');
  const statuses: number[] = [];
  for (let number = 0; number < 30; number++) statuses.push((await look(admin)).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const refused = await look(admin);
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await look(colleague)).status).toBe(200);
  expect(await api.database.query(`SELECT FROM audit_entries WHERE action = 'threads.list'`)).toHaveLength(
    31,
  );
});

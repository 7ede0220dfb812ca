import { describe, expect, it } from 'vitest';
import { Database } from '#database';
import { useApi } from '../support/api.js';

const api = useApi();

describe('more than can be served', () => {
  it('is refused at once with 503 and Retry-After, while the process stays alive, and recovers', async () => {
    const { id } = await api.build.organization();
    const ask = () => api.platform().get(`organizations/${id}`);
    await api.database.query('BEGIN; LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE');
    const answers = Array.from({ length: 700 }, ask);
    try {
      await expect
        .poll(() => api.app.get(Database).waiting, { interval: 10, timeout: 10_000 })
        .toBeGreaterThan(500);
      expect((await ask()).status).toBe(503);
      expect((await api.anybody.get('/health/live')).status).toBe(200);
    } finally {
      await api.database.query('COMMIT');
    }
    const done = await Promise.all(answers);
    expect(done.filter(({ status }) => ![200, 503].includes(status))).toEqual([]);
    for (const { status, headers } of done) if (status === 503) expect(headers['retry-after']).toBe('1');
    expect((await ask()).status).toBe(200);
  });
});

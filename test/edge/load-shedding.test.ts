import { describe, expect, it } from 'vitest';
import { Database } from '#database';
import { useApi } from '../support/api.js';

const api = useApi();
/** Of which nobody wanted too much before. */
const idle = useApi({ worker: 'off' });

describe('more than can be served', () => {
  it('is refused at once with 503 and Retry-After, while the process stays alive, and recovers', async () => {
    const { id } = await api.build.organization();
    const ask = () => api.platform().get(`organizations/${id}`);
    await api.database.query('BEGIN; LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE');
    const answers = Array.from({ length: 700 }, ask);
    try {
      // Whatever was accepted is not answered before its time is up.
      expect((await Promise.race(answers)).status).toBe(503);
      // One whose time is up gets 503 as well: by then all the others would wait.
      expect(api.app.get(Database).waiting).toBeGreaterThan(0);
      expect(api.app.get(Database).waiting).toBeLessThan(550);
      expect((await api.anybody.get('/health/live')).status).toBe(200);
    } finally {
      await api.database.query('COMMIT');
    }
    const done = await Promise.all(answers);
    expect(done.filter(({ status }) => ![200, 503].includes(status))).toEqual([]);
    for (const { status, headers } of done) if (status === 503) expect(headers['retry-after']).toBe('1');
    await expect.poll(async () => (await ask()).status).toBe(200);
  });

  it('for a moment only is served, if later', async () => {
    const { id } = await idle.build.organization();
    const ask = () => idle.platform().get(`organizations/${id}`);
    const answers = await Promise.all(Array.from({ length: 100 }, ask));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });
});

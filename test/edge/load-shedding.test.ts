import { describe, expect, it } from 'vitest';
import { Database } from '#database';
import { useApi } from '../support/api.js';

const api = useApi();
/** Of which nobody wanted too much before. */
const idle = useApi({ worker: 'off' });
const upgraded = useApi({ worker: 'off' });

describe('a burst of requests', () => {
  it('gets 503 with Retry-After beyond the capacity, while the process stays live and recovers', async () => {
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

  it('is served late if it is short', async () => {
    const { id } = await idle.build.organization();
    const ask = () => idle.platform().get(`organizations/${id}`);
    const answers = await Promise.all(Array.from({ length: 100 }, ask));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });
});

describe('an Upgrade request on a route other than the realtime one', () => {
  const upgrade = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };

  const inFlight = async () =>
    Number(/^http_requests_in_flight (\d+)$/m.exec((await upgraded.anybody.get('/metrics')).text)?.[1]);

  /** While nobody can read threads. */
  async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
    await upgraded.database.query('BEGIN; LOCK TABLE threads IN ACCESS EXCLUSIVE MODE');
    try {
      return await work();
    } finally {
      await upgraded.database.query('COMMIT');
    }
  }

  it('counts as in flight with any method and path, and is served', async () => {
    const organization = await upgraded.build.organization();
    const ann = (await upgraded.as(await upgraded.build.member({ organization }))).with(upgrade);
    const ben = await upgraded.build.member({ organization });
    await expect.poll(inFlight).toBe(0);
    const asked = await whileLocked(async () => {
      const requests = [
        ann.get('messages/threads'),
        ann.with({ Upgrade: 'WebSocket' }).get('messages/threads'),
        ann.get('/api/messages/threads'),
        ann.get('messages/threads?context_type=page&context_id=/api/v1/realtime'),
        ann.post('messages/threads', { recipient_id: ben.id }),
        ann.post('messages/send', { recipient: ben.id, content: '/api/v1/realtime' }),
      ];
      await expect.poll(inFlight, { interval: 5 }).toBe(requests.length);
      return requests;
    });
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200, expect.toBeOneOf([200, 201]), 201]);
    await expect.poll(inFlight).toBe(0);
  });

  it('gets 503 beyond the capacity', async () => {
    const ann = (await upgraded.as(await upgraded.build.member())).with(upgrade);
    const asked = await whileLocked(async () => {
      const requests = Array.from({ length: 700 }, () => ann.get('messages/threads'));
      expect((await Promise.race(requests)).status).toBe(503);
      expect(upgraded.app.get(Database).waiting).toBeLessThan(550);
      return requests;
    });
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
  });
});

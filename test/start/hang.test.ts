import { expect, it, vi } from 'vitest';
import { PATIENCE, signalPostgres, useProcesses } from './processes.js';

const processes = useProcesses();

it('answers 503 while its PostgreSQL hangs, readiness soonest, and recovers', async () => {
  const dataDir = await processes.usedFolder();
  const server = await processes.serve({ DATA_DIR: dataDir });
  const ada = await server.signIn('ada');
  const me = () => server.send('GET', '/api/v1/me', ada);
  const ready = () => server.send('GET', '/health/ready');
  // More than there are connections, of which some are open by then.
  const many = (ask: typeof me) => Promise.all(Array.from({ length: 40 }, timed(ask)));
  await many(me);

  await signalPostgres(dataDir, 'SIGSTOP');
  try {
    const asked = many(ready);
    // However many ask, they leave the connections to others.
    expect((await server.send('GET', '/metrics')).text).toContain('database_transactions_waiting 0');
    const [answers, readiness] = await Promise.all([many(me), asked]);
    for (const { status, headers, body } of [...answers, ...readiness]) {
      expect({ status, after: headers['retry-after'], code: body.code }).toEqual({
        status: 503,
        after: '1',
        code: 'unavailable',
      });
    }
    expect(Math.max(...answers.map(({ milliseconds }) => milliseconds))).toBeLessThan(14_000);
    expect(Math.max(...readiness.map(({ milliseconds }) => milliseconds))).toBeLessThan(4000);
  } finally {
    await signalPostgres(dataDir, 'SIGCONT');
  }

  await vi.waitFor(async () => expect(await ready()).toMatchObject({ status: 200 }), PATIENCE);
  for (const answer of await many(me)) expect(answer).toMatchObject({ status: 200 });
});

const timed =
  <T>(ask: () => Promise<T>) =>
  async () => {
    const since = Date.now();
    return { ...(await ask()), milliseconds: Date.now() - since };
  };

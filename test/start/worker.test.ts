import { describe, expect, it } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import type { Server } from '../support/process.js';
import { expectRefusal, useProcesses } from './processes.js';

const processes = useProcesses();

/** A server that leaves what comes after the response to others, with the demo people in it. */
const serve = (database: TestDatabase): Promise<Server> =>
  processes.serve({
    DATABASE_URL: database.url,
    AUTH_MODE: 'dev',
    DEMO: 'true',
    WORKER: 'off',
    RATE_LIMIT: 'off',
  });

const outbox = async (database: TestDatabase) =>
  (await database.query<{ count: string }>('SELECT count(*) FROM outbox'))[0]!.count;

describe('a worker of its own', { timeout: 120_000 }, () => {
  it('tells at once what another process has recorded, and stops in order', async () => {
    const database = await processes.database();
    const server = await serve(database);
    const worker = await processes.work(database.url);
    const [ada, theo] = [await server.signIn('ada'), await server.signIn('theo')];
    await expect.poll(() => outbox(database), { timeout: 10_000 }).toBe('0');
    const count = async () =>
      (await server.send('GET', '/api/v1/notifications/unread-count', theo)).body.unread_count as number;
    const times: number[] = [];
    for (let number = 0; number < 7; number++) {
      const before = await count();
      await server.send('POST', '/api/v1/messages/send', ada, { recipient: 'theo', content: 'hello' });
      const start = performance.now();
      await expect.poll(count, { timeout: 5000, interval: 5 }).toBe(before + 1);
      times.push(performance.now() - start);
    }
    // Without being told it would look once a second.
    expect(times.toSorted((one, other) => one - other)[3]).toBeLessThan(500);
    expect(await worker.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  });

  it('that is killed again and again loses no notification and makes none twice', async () => {
    const database = await processes.database();
    const server = await serve(database);
    const ada = await server.signIn('ada');
    const send = (number: number) =>
      server.send('POST', '/api/v1/messages/send', ada, { recipient: 'theo', content: `number ${number}` });
    const sent: string[] = [];
    const end = new AbortController();
    const sending = (async () => {
      for (let number = 0; !end.signal.aborted; number += 8) {
        const answers = await Promise.all(Array.from({ length: 8 }, (_, offset) => send(number + offset)));
        sent.push(...answers.map(({ body }) => body.message_id as string));
      }
    })();
    for (let time = 0; time < 10; time++) {
      const worker = await processes.work(database.url);
      const before = sent.length;
      await expect.poll(() => sent.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before + 16);
      await worker.kill('SIGKILL');
    }
    end.abort();
    await sending;
    await database.query('UPDATE outbox SET run_at = now()');
    await processes.work(database.url);
    await expect.poll(() => outbox(database), { timeout: 30_000 }).toBe('0');

    const told = await database.query<{ source_id: string; count: string }>(
      `SELECT source_id, count(*) FROM notifications WHERE source_id = ANY ($1::uuid[]) GROUP BY source_id`,
      [sent],
    );
    expect(told).toHaveLength(new Set(sent).size);
    expect(told.filter(({ count }) => count !== '1')).toEqual([]);
  });

  it('needs a database of its own, and says so', async () => {
    const ending = await processes.run('apps/worker/main.js', [], { AUTH_MODE: 'dev' });
    expectRefusal(ending, /^DATABASE_URL must be set for a worker of its own/);
  });
});

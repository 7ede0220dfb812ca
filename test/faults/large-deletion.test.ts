import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { TestDatabase } from '../support/database.js';
import type { Server } from '../support/process.js';
import { print, scaled, seconds } from './figures.js';
import { useProcesses } from '../start/processes.js';

const processes = useProcesses();

const PLATFORM_KEY = 'the-platform-key-of-this-test-alone';
const MESSAGES = scaled(12_000, 150_000);
const NOTIFICATIONS = scaled(2_000, 20_000);
const BLOCKERS = 3;

/**
 * A person with half of their messages in direct threads with each of the others, half in one group, where some have
 * blocked them; and with notifications of their own.
 */
async function seed(database: TestDatabase, organizationId: string, userId: string): Promise<void> {
  const others = `(SELECT array_agg(user_id ORDER BY user_id) FROM members WHERE organization_id = $1 AND user_id <> $2)`;
  await database.query('SET session_replication_role = replica');
  await database.query(
    `CREATE TEMP TABLE seed_threads AS
     SELECT gen_random_uuid() AS id, other, 'direct' AS kind FROM unnest(${others}) AS other
     UNION ALL SELECT gen_random_uuid(), NULL, 'group'`,
    [organizationId, userId],
  );
  await database.query(
    `INSERT INTO threads (organization_id, id, kind, pair_low, pair_high, subject, participant_count, last_seq)
     SELECT $1, id, kind, CASE kind WHEN 'direct' THEN least(other, $2) END,
            CASE kind WHEN 'direct' THEN greatest(other, $2) END, CASE kind WHEN 'group' THEN 'Group' END,
            CASE kind WHEN 'group' THEN cardinality(${others}) + 1 ELSE 2 END,
            ${MESSAGES / 2} / CASE kind WHEN 'group' THEN 1 ELSE cardinality(${others}) END
     FROM seed_threads`,
    [organizationId, userId],
  );
  await database.query(
    `INSERT INTO participants (organization_id, thread_id, user_id, partner_id, newest_seq, active_at, settled)
     SELECT $1, threads.id, one, partner, CASE WHEN partner IS NULL THEN NULL ELSE last_seq END,
            CASE WHEN partner IS NULL THEN NULL ELSE now() END, last_seq
     FROM seed_threads JOIN threads USING (id) CROSS JOIN LATERAL (
       SELECT $2::uuid AS one, other AS partner UNION ALL SELECT other, $2 WHERE other IS NOT NULL
       UNION ALL SELECT unnest(${others}), NULL WHERE other IS NULL) AS each`,
    [organizationId, userId],
  );
  await database.query(
    `INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, content, client_token, request_hash)
     SELECT $1, threads.id, seq, gen_random_uuid(), $2, 'Message ' || seq || repeat(' and so on', 8),
            threads.id || ' ' || seq, '\\x00'
     FROM seed_threads JOIN threads USING (id) CROSS JOIN LATERAL generate_series(1, last_seq) AS seq`,
    [organizationId, userId],
  );
  await database.query(
    `INSERT INTO blocks (organization_id, blocker_id, blocked_id)
     SELECT $1, other, $2 FROM unnest(${others}) AS other LIMIT ${BLOCKERS}`,
    [organizationId, userId],
  );
  await database.query(
    `INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, priority, decisions)
     SELECT $1, $2, seq, gen_random_uuid(), gen_random_uuid(), 'SYSTEM', 'Title', 'Body', 'normal', '{}'
     FROM generate_series(1, ${NOTIFICATIONS}) AS seq`,
    [organizationId, userId],
  );
  await database.query('RESET session_replication_role; DROP TABLE seed_threads; ANALYZE');
}

/** The slowest of the sends of somebody else, one after the other, until they are stopped. */
function keepSending(server: Server, sender: Record<string, string>) {
  const slowest = { milliseconds: 0, sent: 0 };
  const stop = new AbortController();
  const running = (async () => {
    while (!stop.signal.aborted) {
      const start = performance.now();
      const body = { recipient: 'theo', content: 'meanwhile' };
      const { status } = await server.send('POST', '/api/v1/messages/send', sender, body);
      expect(status).toBe(201);
      slowest.milliseconds = Math.max(slowest.milliseconds, performance.now() - start);
      slowest.sent++;
      await delay(5);
    }
  })();
  return async () => {
    stop.abort();
    await running;
    return slowest;
  };
}

it(
  'erases a person with many messages while others send, and resumes after killed workers',
  { timeout: 600_000 },
  async () => {
    const database = await processes.database();
    const server = await processes.serve({
      DATABASE_URL: database.url,
      AUTH_MODE: 'dev',
      DEMO: 'true',
      WORKER: 'off',
      RATE_LIMIT: 'off',
      PLATFORM_API_KEY: PLATFORM_KEY,
    });
    const ada = await server.signIn('ada');
    const id = uuid();
    const member = { username: 'prolific', display_name: 'Prolific Writer', role: 'user' };
    expect((await server.send('PUT', `/api/v1/members/${id}`, ada, member)).status).toBe(201);
    const [{ organization_id }] = (await database.query<{ organization_id: string }>(
      'SELECT organization_id FROM members WHERE user_id = $1',
      [id],
    )) as [{ organization_id: string }];
    await seed(database, organization_id, id);
    const platform = { 'X-Api-Key': PLATFORM_KEY };
    const progress = async () =>
      (await server.send('GET', `/api/v1/users/${id}/deletion`, platform)).body as {
        status: string;
        rows_erased: number;
      };

    const stop = keepSending(server, ada);
    const start = performance.now();
    const answer = await server.send('DELETE', `/api/v1/users/${id}`, platform);
    const answeredAfter = performance.now() - start;
    expect(answer).toMatchObject({ status: 202, body: { status: 'deleting' } });

    const kills: number[] = [];
    for (const rows of [1, MESSAGES / 5, MESSAGES / 2]) {
      const worker = await processes.work(database.url);
      await vi.waitUntil(async () => (await progress()).rows_erased >= rows, {
        timeout: 60_000,
        interval: 10,
      });
      await worker.kill('SIGKILL');
      kills.push((await progress()).rows_erased);
    }
    expect((await progress()).status).toBe('deleting');
    await processes.work(database.url);
    await vi.waitUntil(async () => (await progress()).status === 'deleted', {
      timeout: 500_000,
      interval: 50,
    });
    const doneAfter = performance.now() - start;
    const sends = await stop();
    print('deletion of a person', {
      messages: MESSAGES,
      'answered after': seconds(answeredAfter),
      'done after': seconds(doneAfter),
      'killed at rows': kills.join(', '),
      sends: sends.sent,
      'slowest send': seconds(sends.milliseconds),
    });

    // On a machine that has nothing else to do it is a tenth of this.
    expect(answeredAfter).toBeLessThan(1000);
    expect(sends.milliseconds).toBeLessThan(1000);
    expect(sends.sent).toBeGreaterThan(50);
    const [left] = await database.query(
      `SELECT (SELECT count(*)::int FROM messages WHERE sender_id = $1) AS sent,
              (SELECT count(*)::int FROM messages WHERE sender_id IS NULL AND client_token IS NULL) AS from_nobody,
              (SELECT count(*)::int FROM notifications WHERE user_id = $1) AS notified,
              (SELECT count(*)::int FROM threads WHERE $1 IN (pair_low, pair_high)) AS pairs,
              (SELECT count(*)::int FROM participants WHERE $1 IN (user_id, partner_id)) AS parts,
              (SELECT count(*)::int FROM users WHERE id = $1) AS users`,
      [id],
    );
    expect(left).toMatchObject({ sent: 0, notified: 0, pairs: 0, parts: 0, users: 0 });
    expect(left!['from_nobody']).toBeGreaterThanOrEqual(MESSAGES - 100);
    // What was erased is not in the statistics yet: this comparison would take minutes by those of before.
    await database.query('ANALYZE');
    // Each blocker has hidden the whole group and their direct thread, no message twice.
    const hidden = await database.query<{ missing: number }>(
      `SELECT count(*)::int AS missing FROM participants AS part
       JOIN messages ON messages.organization_id = part.organization_id AND messages.thread_id = part.thread_id
       WHERE messages.sender_id IS NULL AND part.user_id IN (SELECT DISTINCT user_id FROM hidden_messages
                                                            WHERE hidden_at > now() - interval '1 hour')
         AND NOT EXISTS (SELECT FROM hidden_messages AS hidden
           WHERE hidden.organization_id = part.organization_id AND hidden.thread_id = part.thread_id
             AND hidden.user_id = part.user_id AND hidden.seq = messages.seq)`,
    );
    expect(hidden).toEqual([{ missing: 0 }]);
    const [blockers] = await database.query<{ count: number }>(
      'SELECT count(DISTINCT user_id)::int AS count FROM hidden_messages JOIN messages USING (organization_id, thread_id, seq) WHERE sender_id IS NULL',
    );
    expect(blockers!.count).toBe(BLOCKERS);
  },
);

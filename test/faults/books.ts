import { expect, vi } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import type { Senders } from './senders.js';
import type { Town } from './town.js';

type Queried = Pick<TestDatabase, 'query'>;

const DRAINED_WITHIN = 10_000;

/** Waits until the outbox is empty, which after a fault it must be soon; how long that took. */
export async function drained(database: Queried, within = DRAINED_WITHIN): Promise<number> {
  const since = performance.now();
  const left = () =>
    database.query('SELECT type, attempts, count(*), max(last_error) FROM outbox GROUP BY type, attempts');
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: within, interval: 50 });
  return performance.now() - since;
}

/** Holds what is in the database against the responses that senders got, once the outbox is empty. */
export async function expectKept(database: Queried, senders: Senders, town: Town): Promise<void> {
  expect(senders.wrong).toEqual([]);
  await expectAcknowledged(database, senders, town);
  const { organizationId } = town;
  expect(
    await wronglyNotified(database, organizationId),
    'who was not notified once of each message',
  ).toEqual([]);
  expect(await database.query('SELECT type, last_error FROM dead_letters')).toEqual([]);
}

export async function expectAcknowledged(
  database: Queried,
  senders: Senders,
  { organizationId }: Town,
): Promise<void> {
  const kept = await database.query<{ token: string; id: string }>(
    'SELECT client_token AS token, id FROM messages WHERE organization_id = $1',
    [organizationId],
  );
  const missing = new Map(senders.acknowledged);
  const twice = kept.filter(({ token, id }) => missing.get(token) !== id || !missing.delete(token));
  expect([...missing], 'acknowledged, and lost').toEqual([]);
  expect(twice, 'there, and not what was acknowledged').toEqual([]);
  expect(await gaps(database, organizationId), 'threads with gaps').toEqual([]);
}

const gaps = (database: Queried, organizationId: string) =>
  database.query(
    `SELECT threads.id FROM threads JOIN messages
       ON messages.organization_id = threads.organization_id AND messages.thread_id = threads.id
     WHERE threads.organization_id = $1
     GROUP BY threads.id, last_seq
     HAVING count(*) <> last_seq OR max(messages.seq) <> last_seq OR count(DISTINCT messages.seq) <> last_seq`,
    [organizationId],
  );

/** Everybody in the thread but the sender, of each message once, and nobody else. */
const wronglyNotified = (database: Queried, organizationId: string) =>
  database.query(
    `SELECT source_id, user_id, notified, must FROM (
       SELECT source_id, user_id, count(*) AS notified FROM notifications
       WHERE organization_id = $1 AND source_id IN (SELECT id FROM messages WHERE organization_id = $1)
       GROUP BY source_id, user_id
     ) AS actual FULL JOIN (
       SELECT messages.id AS source_id, user_id, 1 AS must FROM messages JOIN participants USING (organization_id, thread_id)
       WHERE organization_id = $1 AND user_id <> sender_id
     ) AS must USING (source_id, user_id)
     WHERE notified IS DISTINCT FROM must LIMIT 10`,
    [organizationId],
  );

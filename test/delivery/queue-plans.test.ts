import { afterAll, beforeAll, expect, it } from 'vitest';
import { RelayPool } from '#database';
import type { QueueName } from '../../libs/delivery/queue-scan.queries.js';
import { type ClaimedRow, type Claims, claimDue } from '../../libs/delivery/queue-claims.queries.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { blocksOf, explainNewSessions, record } from '../support/plans.js';

const ORGANIZATIONS = 10_000;
const BACKLOG = 100_000;
const ROUNDS = 60;
const QUEUES = ['email', 'digest', 'web_push', 'webhook'] as const;
const START = '00000000-0000-0000-0000-000000000000';

/** The same organization's, behind the backlog of the other one. */
const QUIET_TARGET = 'quiet';

let database: TestDatabase;

const organizationId = (number: number | string) =>
  `0199a400-0000-7000-8000-${typeof number === 'string' ? `' || lpad(to_hex(${number}), 12, '0') || '` : number.toString(16).padStart(12, '0')}`;
const FLOODED = organizationId(ORGANIZATIONS / 2);
const OTHER = organizationId(ORGANIZATIONS);

beforeAll(async () => {
  database = await createDatabase();
  await explainNewSessions(database);
  // Only the queue matters here, not the notifications that its rows are of.
  await database.query('SET session_replication_role = replica');
  await database.query('ALTER TABLE deliveries SET (autovacuum_enabled = false)');
  for (const channel of QUEUES) {
    await insert(channel, ORGANIZATIONS, `('${organizationId('number')}')`, `interval '5 hours'`);
    await insert(channel, BACKLOG, `'${FLOODED}'`, `interval '-1 hour'`);
    await insert(channel, 1, `'${OTHER}'`, `interval '-1 second'`);
    await insert(channel, 1, `'${FLOODED}'`, `interval '-1 second'`, QUIET_TARGET);
    // Where statistics know of one queue only. PostgreSQL takes them anew within a minute or two.
    if (channel === 'email') await database.query('ANALYZE deliveries');
  }
}, 120_000);

afterAll(() => database.drop());

/** All webhooks of an organization to one target, and all pushes to one person, as of one that hangs. */
const insert = (queue: QueueName, count: number, organization: string, due: string, target = '') =>
  database.query(
    `INSERT INTO deliveries (organization_id, id, notification_id, user_id, channel, target_id, digest, due_at)
     SELECT ${organization}::uuid, gen_random_uuid(), gen_random_uuid(),
            CASE $1::text WHEN 'web_push' THEN md5(${organization}::text || '${target}')::uuid ELSE gen_random_uuid() END,
            $1::text, md5(${organization}::text || '${target}')::uuid, $2, now() + ${due} + number * interval '1 millisecond'
     FROM generate_series(1, ${count}) AS number`,
    queue === 'digest' ? ['email', 'hourly'] : [queue, null],
  );

interface Picks {
  rows: ClaimedRow[];
  /** What each claim read and wrote, in blocks. */
  blocks: number[];
}

/** Claims again and again, as a worker does that has slots free, and from where it was. */
async function pick(relay: RelayPool, queue: QueueName, organizationLimit: number): Promise<Picks> {
  const picks: Picks = { rows: [], blocks: [] };
  const inProgress = new Map<string, number>();
  let cursor = START;
  for (let round = 0; round < ROUNDS; round++) {
    const request = { urgent: false, limit: 8, organizationLimit, inProgress, cursor };
    let claims: Claims = { rows: [], cursor: null };
    const { executed } = await record(async () => {
      claims = await claimDue(relay, queue, request);
    }, 'tidings relay');
    picks.blocks.push(executed.map(blocksOf).reduce((sum, blocks) => sum + blocks, 0));
    picks.rows.push(...claims.rows);
    for (const { organization_id } of claims.rows)
      inProgress.set(organization_id, (inProgress.get(organization_id) ?? 0) + 1);
    cursor = claims.cursor ?? START;
  }
  return picks;
}

async function expectTurns(queue: QueueName): Promise<void> {
  await database.query(
    'UPDATE deliveries SET leased_until = NULL, attempts = 0 WHERE leased_until IS NOT NULL',
  );
  // A session plans its statements once.
  const relay = new RelayPool({ request: database.url, relay: database.url, migrate: database.url });
  const { rows, blocks } = await pick(relay, queue, 4);
  await relay.onApplicationShutdown();
  const claimedOf = (organization: string) =>
    rows.filter((row) => row.organization_id === organization).length;
  expect(claimedOf(OTHER)).toBe(1);
  // Two of the target with the backlog, and the only one of the target behind it.
  expect(claimedOf(FLOODED)).toBe(queue === 'email' || queue === 'digest' ? 4 : 2 + 1);
  expect(Math.max(...blocks)).toBeLessThan(2500);
}

it('claims take turns and read few blocks behind a large backlog, with any statistics', async () => {
  for (const queue of QUEUES) await expectTurns(queue);
  await database.query('ANALYZE deliveries');
  for (const queue of QUEUES) await expectTurns(queue);
}, 120_000);

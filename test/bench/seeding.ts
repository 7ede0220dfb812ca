import { personId, seedLarge, threadId } from '../support/large.ts';

export interface Sizes {
  /** Of the large organization; the small one has a hundredth of it in full, a tenth in short. */
  large: History;
  small: History;
  /** How many people a broadcast notifies. */
  audience: number;
}

export interface History {
  threads: number;
  messages: number;
  crowd: number;
  /** Unread notifications of the first person; they have as many that are read. */
  unread: number;
}

export const SIZES: Record<'full' | 'short', Sizes> = {
  full: {
    large: { threads: 100_000, messages: 1_000_000, crowd: 1000, unread: 100_000 },
    small: { threads: 1000, messages: 10_000, crowd: 10, unread: 1000 },
    audience: 20_000,
  },
  short: {
    large: { threads: 10_000, messages: 100_000, crowd: 100, unread: 10_000 },
    small: { threads: 1000, messages: 10_000, crowd: 10, unread: 1000 },
    audience: 5000,
  },
};

/** Each has one thing measured in it, so that no row finds what another has left. */
export const ORGANIZATIONS = {
  talk: '0199a000-0000-7000-8000-00000000b001',
  audience: '0199a000-0000-7000-8000-00000000b002',
  small: '0199a000-0000-7000-8000-00000000b003',
  large: '0199a000-0000-7000-8000-00000000b004',
};

/** In the organization where people write: each has a direct thread with the next, and all are in one group. */
export const TALKERS = 1000;
export const CROWD = threadId(TALKERS + 1);
/** The other one of the direct thread that has the number of this person. */
export const nextOf = (person: number): string => personId((person % TALKERS) + 1);

export interface Seeded {
  query<Row extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
}

export async function seed(database: Seeded, { large, small, audience }: Sizes): Promise<void> {
  await seedMembers(database, ORGANIZATIONS.talk, TALKERS);
  await seedTalk(database);
  await seedMembers(database, ORGANIZATIONS.audience, audience);
  for (const [organizationId, history] of [
    [ORGANIZATIONS.small, small],
    [ORGANIZATIONS.large, large],
  ] as const) {
    await seedLarge(database, { organizationId, ...history });
    await seedFeed(database, organizationId, history.unread);
  }
  // Else PostgreSQL would get round to it in the middle of a row.
  await database.query('VACUUM ANALYZE');
  await database.query('CHECKPOINT');
}

const idOf = (one: string, number: string): string =>
  `(left('${one}', -12) || lpad(to_hex(${number}), 12, '0'))::uuid`;
const person = (number: string): string => idOf(personId(0), number);
const thread = (number: string): string => idOf(threadId(0), number);

async function seedMembers(database: Seeded, organizationId: string, count: number): Promise<void> {
  const people = `FROM generate_series(1, ${count}) AS number`;
  await database.query(`INSERT INTO users (id) SELECT ${person('number')} ${people} ON CONFLICT DO NOTHING`);
  await database.query(
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT $1, ${person('number')}, 'person' || number, 'person' || number, 'Person ' || number, 'user' ${people}`,
    [organizationId],
  );
}

async function seedTalk(database: Seeded): Promise<void> {
  const { talk } = ORGANIZATIONS;
  const pairs = `
    (SELECT number, least(number, next) AS low, greatest(number, next) AS high
     FROM generate_series(1, ${TALKERS}) AS number CROSS JOIN LATERAL (SELECT number % ${TALKERS} + 1 AS next) AS each)
    AS pair`;
  await database.query(
    `INSERT INTO threads (organization_id, id, kind, pair_low, pair_high, participant_count)
     SELECT $1, ${thread('number')}, 'direct', ${person('low')}, ${person('high')}, 2 FROM ${pairs}`,
    [talk],
  );
  await database.query(
    `INSERT INTO participants (organization_id, thread_id, user_id, partner_id, newest_seq, active_at)
     SELECT $1::uuid, ${thread('number')}, ${person('low')}, ${person('high')}, 0, now() FROM ${pairs}
     UNION ALL SELECT $1::uuid, ${thread('number')}, ${person('high')}, ${person('low')}, 0, now() FROM ${pairs}`,
    [talk],
  );
  await database.query(
    `INSERT INTO threads (organization_id, id, kind, subject, participant_count)
     VALUES ($1, $2, 'group', 'Everybody', ${TALKERS})`,
    [talk, CROWD],
  );
  await database.query(
    `INSERT INTO participants (organization_id, thread_id, user_id)
     SELECT $1, $2, ${person('number')} FROM generate_series(1, ${TALKERS}) AS number`,
    [talk, CROWD],
  );
}

const DECISION = {
  rule: 'type.default',
  value: 'on',
  locked: false,
  source: 'type',
  delayed_by: null,
  delayed_until: null,
};
const DECISIONS = Object.fromEntries(
  ['in_app', 'realtime', 'email', 'web_push', 'webhook'].map((channel) => [channel, DECISION]),
);

/** The notifications of the first person, half of them read: of messages in a hundred threads, and of appointments. */
export async function seedFeed(database: Seeded, organizationId: string, unread: number): Promise<void> {
  const owner = personId(1);
  await database.query(
    `INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, data, priority,
                                actor_id, aggregation_id, decisions, read_at, created_at)
     SELECT $1, $2, seq, gen_random_uuid(), gen_random_uuid(), CASE seq % 4 WHEN 0 THEN 'APPOINTMENT' ELSE 'MESSAGE' END,
            'Person ' || seq % 100, 'Message ' || seq || repeat(' and so on', 8), '{"thread_id": null}', 'normal',
            ${person('2 + seq % 100')}, ${thread('seq % 100')}, $3::jsonb, CASE WHEN seq <= $4 THEN now() END,
            now() - (2 * $4 - seq) * interval '1 minute'
     FROM generate_series(1, 2 * $4::integer) AS seq`,
    [organizationId, owner, JSON.stringify(DECISIONS), unread],
  );
  await database.query('INSERT INTO feeds (organization_id, user_id, last_seq) VALUES ($1, $2, $3)', [
    organizationId,
    owner,
    2 * unread,
  ]);
}

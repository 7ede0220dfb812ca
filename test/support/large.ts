import type { TestDatabase } from './database.js';

type Seeded = Pick<TestDatabase, 'query'>;

/** A whole organization with a history, made by a few statements. Every size has the same people and groups. */
export interface Scale {
  organizationId: string;
  /** One in fifty is a direct thread of the first person. */
  threads: number;
  /** One in five is in the first thread, which is between the first two people. */
  messages: number;
  /** How many people are in the second thread, a group. */
  crowd: number;
}

const PEOPLE = 2100;
/** The groups of ten that the first person is in, beside the crowd. */
const GROUPS = 40;

const idOf = (kind: number) => (number: string | number) =>
  `('0199a${kind}00-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
const person = idOf(1);
const thread = idOf(2);
const message = idOf(3);

/** The ids of people and threads are made of their numbers, from 1 on. */
const literal = (kind: number) => (number: number) =>
  `0199a${kind}00-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
export const personId = literal(1);
export const threadId = literal(2);
export const messageId = literal(3);

/** What is unread is counted from the messages, by its definition, so it agrees with them. */
export async function seedLarge(database: Seeded, scale: Scale): Promise<void> {
  await database.query(`SET session_replication_role = replica; SET work_mem = '256MB'`);
  await seedPeople(database, scale);
  await seedThreads(database, scale);
  await seedMessages(database, scale);
  await seedParticipants(database, scale);
  await countDirectThreads(database, scale.organizationId);
  await database.query('DROP TABLE seed_threads, seed_messages, seed_participants');
  await database.query('RESET session_replication_role; RESET work_mem');
}

async function seedPeople(database: Seeded, { organizationId }: Scale): Promise<void> {
  const people = `FROM generate_series(1, ${PEOPLE}) AS number`;
  await database.query(`INSERT INTO users (id) SELECT ${person('number')} ${people} ON CONFLICT DO NOTHING`);
  await database.query(
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT $1, ${person('number')}, 'person' || number, 'person' || number, 'Person ' || number, 'user' ${people}`,
    [organizationId],
  );
  await database.query(
    `INSERT INTO blocks (organization_id, blocker_id, blocked_id)
     SELECT $1::uuid, ${person(1)}, ${person('number')} ${people} WHERE number % 100 = 10
     UNION ALL SELECT $1::uuid, ${person('number')}, ${person(1)} ${people} WHERE number % 100 = 60
     UNION ALL SELECT $1::uuid, ${person('number')}, ${person('number + 1')} ${people} WHERE number % 10 = 5`,
    [organizationId],
  );
}

async function seedThreads(
  database: Seeded,
  { organizationId, threads, messages, crowd }: Scale,
): Promise<void> {
  await database.query(
    `CREATE TEMP TABLE seed_threads AS
     SELECT number, low, high, size, seqs AS last_seq, now() - (${threads} - number) * interval '1 second' AS last_at
     FROM generate_series(1, ${threads}) AS number
     CROSS JOIN LATERAL (SELECT CASE
       WHEN number = 2 THEN ${crowd} WHEN number % ${threads / GROUPS} = 3 THEN 10 ELSE 2 END AS size) AS each
     CROSS JOIN LATERAL (SELECT
       CASE WHEN size > 2 THEN NULL WHEN number = 1 OR number % 50 = 0 THEN 1 ELSE 2 + number % 1000 END AS low,
       CASE WHEN size > 2 THEN NULL WHEN number = 1 THEN 2 WHEN number % 50 = 0 THEN 2 + number / 50
            ELSE 1003 + number / 1000 END AS high,
       CASE WHEN number = 1 THEN ${messages / 5}
            ELSE (${(messages / 5) * 4} - number + ${threads}) / ${threads - 1} END AS seqs) AS more`,
  );
  await database.query(
    `INSERT INTO threads (organization_id, id, kind, pair_low, pair_high, subject, context_type, context_id,
                          participant_count, last_seq, last_message_at, created_at)
     SELECT $1, ${thread('number')}, CASE WHEN size > 2 THEN 'group' ELSE 'direct' END,
            ${person('low')}, ${person('high')}, CASE WHEN size > 2 THEN 'Group ' || number END,
            CASE WHEN size > 2 THEN 'patient' END, CASE WHEN size > 2 THEN (number % 1000)::text END,
            size, last_seq, last_at, last_at - interval '30 days'
     FROM seed_threads`,
    [organizationId],
  );
}

/** Each turn writes in every thread once, so that the messages of one lie far apart. */
async function seedMessages(database: Seeded, { organizationId, threads, messages }: Scale): Promise<void> {
  await database.query(
    `CREATE TEMP TABLE seed_messages AS
     SELECT place.number, seq, turn, sender, turn % 101 = 0 AS is_deleted,
            CASE WHEN place.number = 1 AND (seq % 50 = 0 OR seq - last_seq / 4 BETWEEN 0 AND least(1500, last_seq / 10)) THEN 1
                 WHEN turn % 97 = 0 THEN high END AS hider,
            last_at - (last_seq - seq) * interval '1 minute' AS created_at
     FROM generate_series(0, ${messages - 1}) AS turn
     CROSS JOIN LATERAL (SELECT turn - turn / 5 - 1 AS other) AS each
     CROSS JOIN LATERAL (SELECT
       CASE turn % 5 WHEN 0 THEN 1 ELSE 2 + other % ${threads - 1} END AS number,
       CASE turn % 5 WHEN 0 THEN turn / 5 + 1 ELSE other / ${threads - 1} + 1 END AS seq) AS place
     JOIN seed_threads ON seed_threads.number = place.number
     CROSS JOIN LATERAL (SELECT CASE
       WHEN size > 2 THEN 1 + (seq * 7 + place.number) % size
       WHEN place.number = 1 AND seq > last_seq / 2 THEN high
       WHEN seq % 2 = 0 THEN high ELSE low END AS sender) AS whose`,
  );
  await database.query(
    `INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, content, hidden_by, created_at, deleted_at)
     SELECT $1, ${thread('number')}, seq, ${message('turn')}, ${person('sender')},
            'Message ' || turn || repeat(' and so on', 8), (hider IS NOT NULL)::int, created_at,
            CASE WHEN is_deleted THEN created_at END
     FROM seed_messages ORDER BY turn`,
    [organizationId],
  );
  await database.query(
    `INSERT INTO hidden_messages (organization_id, thread_id, user_id, seq)
     SELECT $1, ${thread('number')}, ${person('hider')}, seq FROM seed_messages WHERE hider IS NOT NULL`,
    [organizationId],
  );
}

async function seedParticipants(database: Seeded, { organizationId }: Scale): Promise<void> {
  await database.query(
    `CREATE TEMP TABLE seed_participants AS
     SELECT number, one AS person, other AS partner, size, last_seq, last_at,
            CASE WHEN number = 1 AND one = 1 THEN last_seq / 2 WHEN number % 3 = 0 AND one = 1 THEN 5
                 WHEN size > 10 AND one % 2 = 0 THEN 5 ELSE last_seq END AS last_read_seq
     FROM seed_threads
     CROSS JOIN LATERAL (
       SELECT low AS one, high AS other WHERE size = 2 UNION ALL SELECT high, low WHERE size = 2
       UNION ALL SELECT one, NULL FROM generate_series(1, size) AS one WHERE size > 2) AS each`,
  );
  await database.query(
    `INSERT INTO participants (organization_id, thread_id, user_id, partner_id, owner_since, newest_seq, active_at,
                               settled, last_read_seq, last_read_at, last_sent_at)
     SELECT $1, ${thread('number')}, ${person('person')}, ${person('partner')},
            CASE WHEN size > 2 AND person = 1 THEN now() END, CASE size WHEN 2 THEN last_seq END,
            CASE size WHEN 2 THEN last_at END, last_seq - unread, last_read_seq, last_at, sent_at
     FROM (
       SELECT number, person, partner, size, last_seq, last_at, last_read_seq,
              max(seed_messages.created_at) FILTER (WHERE sender = person) AS sent_at,
              count(*) FILTER (WHERE seq > last_read_seq AND sender <> person AND NOT is_deleted
                               AND hider IS DISTINCT FROM person AND blocks IS NULL) AS unread
       FROM seed_participants JOIN seed_messages USING (number)
       LEFT JOIN blocks ON blocks.organization_id = $1
         AND blocker_id = ${person('person')} AND blocked_id = ${person('sender')}
       GROUP BY number, person, partner, size, last_seq, last_at, last_read_seq
     ) AS counted ORDER BY number`,
    [organizationId],
  );
  await database.query(
    `INSERT INTO read_marks (organization_id, thread_id, user_id, seq, read_at)
     SELECT $1, ${thread('number')}, ${person('person')}, seq, last_at
     FROM seed_participants CROSS JOIN LATERAL generate_series(
       CASE number WHEN 1 THEN 20 ELSE last_read_seq END, last_read_seq, 20) AS seq`,
    [organizationId],
  );
}

/** What a trigger keeps, which a seed does without. */
export const countDirectThreads = (database: Seeded, organizationId: string): Promise<unknown> =>
  database.query(
    `UPDATE members SET direct_threads = direct.count
     FROM (SELECT user_id, count(*) FROM participants
           WHERE organization_id = $1 AND partner_id IS NOT NULL GROUP BY user_id) AS direct
     WHERE organization_id = $1 AND members.user_id = direct.user_id`,
    [organizationId],
  );

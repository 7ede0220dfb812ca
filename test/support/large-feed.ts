import type { TestDatabase } from './database.js';

/** Notifications of a whole organization, made by a few statements. Every size has the same groups and people. */
export interface FeedScale {
  organizationId: string;
  /** Of all people together. The first has four in ten, of which one in four is unread. */
  notifications: number;
}

const PEOPLE = 1000;
const GROUPS = 200;

const person = (number: string | number) =>
  `('0199a100-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
export const personId = (number: number) =>
  `0199a100-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;

const group = (number: string) => `('0199a400-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** Distinct for both sizes, by the organization. */
const id = (kind: string) => `uuid_in(md5($1::text || '${kind}' || number)::cstring)`;
export const ID_OF_FIRST = `
  SELECT id FROM notifications WHERE organization_id = $1 AND user_id = '${personId(1)}' AND seq = $2`;

/**
 * The first person's, from the oldest on, in tenths: read, read, unread, unread; archived three times; deleted,
 * suppressed, of somebody who is blocked. So whatever a page shows lies below all that it does not show.
 */
const FIRST = `
  SELECT number, 1 AS person, number AS seq, number * 10 / $2::int AS tenth FROM generate_series(1, $2::int) AS number`;
const OTHERS = `
  SELECT number, 2 + number % ${PEOPLE - 1}, 1 + number / ${PEOPLE - 1}, 2
  FROM generate_series($2::int + 1, $3::int) AS number`;

export async function seedLargeFeed(
  database: TestDatabase,
  { organizationId, notifications }: FeedScale,
): Promise<void> {
  await database.query(`SET session_replication_role = replica; SET work_mem = '256MB'`);
  const people = `FROM generate_series(1, ${PEOPLE}) AS number`;
  await database.query(`INSERT INTO users (id) SELECT ${person('number')} ${people} ON CONFLICT DO NOTHING`);
  await database.query(
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT $1, ${person('number')}, 'person' || number, 'person' || number, 'Person ' || number, 'user' ${people}`,
    [organizationId],
  );
  await database.query(
    `INSERT INTO blocks (organization_id, blocker_id, blocked_id) VALUES ($1, ${person(1)}, ${person(2)})`,
    [organizationId],
  );
  await seedNotifications(database, organizationId, notifications);
  await database.query(
    `INSERT INTO feeds (organization_id, user_id, last_seq)
     SELECT organization_id, user_id, max(seq) FROM notifications WHERE organization_id = $1 GROUP BY 1, 2`,
    [organizationId],
  );
  await database.query(
    `INSERT INTO unread_counts (organization_id, user_id, type, aggregation_id, actor_id, unread)
     SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'),
            coalesce(actor_id, '00000000-0000-0000-0000-000000000000'), count(*)
     FROM notifications
     WHERE organization_id = $1 AND read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL
       AND suppressed_at IS NULL
     GROUP BY 1, 2, 3, 4, 5`,
    [organizationId],
  );
  await database.query('RESET session_replication_role; RESET work_mem');
}

/** Of each three that are unread one is alone, and half of the others are in one and the same group. */
const seedNotifications = (database: TestDatabase, organizationId: string, notifications: number) =>
  database.query(
    `INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, priority, actor_id,
                                aggregation_id, message_seq, decisions, created_at, read_at, archived_at, deleted_at,
                                suppressed_at)
     SELECT $1::uuid, ${person('person')}, seq, ${id('notification')}, ${id('source')},
            CASE WHEN seq % 3 > 0 THEN 'MESSAGE' WHEN seq % 100 = 0 THEN 'BILLING' ELSE 'SYSTEM' END,
            'Title', 'Body of ' || number || repeat(' and so on', 8), 'normal',
            CASE WHEN tenth = 9 THEN ${person(2)} WHEN seq % 3 > 0 THEN ${person('3 + seq % 20')} END,
            CASE seq % 3 WHEN 1 THEN ${group('0')} WHEN 2 THEN ${group(`1 + seq % ${GROUPS}`)} END, seq, '{}', at,
            CASE WHEN tenth < 2 OR tenth BETWEEN 4 AND 6 THEN at END, CASE WHEN tenth BETWEEN 4 AND 6 THEN at END,
            CASE WHEN tenth = 7 THEN at END, CASE WHEN tenth = 8 THEN at END
     FROM (SELECT number, person, seq, least(tenth, 9) AS tenth,
                  now() - interval '60 days' + seq * interval '10 seconds' AS at
           FROM (${FIRST} UNION ALL ${OTHERS}) AS numbered) AS placed`,
    [organizationId, (notifications / 10) * 4, notifications],
  );

import { messageId, personId, seedLarge, threadId } from '../support/large.ts';
import { type Seeded, seedFeed } from './seeding.ts';

export const ORGANIZATION = '0199a000-0000-7000-8000-00000000b005';

const MEMBERS = 100_000;
const LONG_THREAD = 200_000;
const NOTIFICATIONS = 100_000;

/** Edited as often as a message can be. */
export const EDITED = messageId(0);

/** Ten messages of the first person, unread by the group of 1,000, from this number on. */
export const DELETED = 1_000_000;

/** Ten people, from this number on, who own groups. */
export const OWNERS = 50_000;
const GROUPS_OF_EACH = 2500;

const person = (number: string) => `(left('${personId(0)}', -12) || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** One organization that has much of everything; the first person, an admin, has most of it. */
export async function seedRoutes(database: Seeded): Promise<void> {
  await seedLarge(database, {
    organizationId: ORGANIZATION,
    threads: 1000,
    messages: 10_000,
    crowd: 1000,
  });
  await database.query('SET session_replication_role = replica');
  await seedDirectory(database);
  await seedLongThread(database);
  await seedGroups(database);
  await seedUnread(database);
  await seedLists(database);
  await database.query('RESET session_replication_role');
  await seedFeed(database, ORGANIZATION, NOTIFICATIONS / 2);
  await database.query('VACUUM ANALYZE');
}

/** The names of all begin alike: what is the hardest for a search. */
async function seedDirectory(database: Seeded): Promise<void> {
  await database.query(
    `INSERT INTO users (id) SELECT ${person('number')} FROM generate_series(2101, ${MEMBERS}) AS number
     ON CONFLICT DO NOTHING`,
  );
  await database.query(
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT $1, ${person('number')}, 'person' || number, 'person' || number, 'Person ' || number,
            CASE number % 50 WHEN 0 THEN 'therapist' ELSE 'user' END
     FROM generate_series(2101, ${MEMBERS}) AS number`,
    [ORGANIZATION],
  );
  await database.query(
    `INSERT INTO member_words (organization_id, prefix, username_key, user_id, words, role, profile_visibility)
     SELECT organization_id, prefix, username_key, user_id, words, role, profile_visibility
     FROM members CROSS JOIN LATERAL (SELECT substr(username_key, 7) AS number) AS each
     CROSS JOIN LATERAL (
       VALUES ('p', ''), ('pe', ''), ('per', ' ' || username_key || ' person'), (left(number, 1), ''),
         (nullif(left(number, 2), left(number, 1)), ''), (nullif(left(number, 3), left(number, 2)), ' ' || number))
       AS row (prefix, words)
     WHERE organization_id = $1 AND prefix IS NOT NULL`,
    [ORGANIZATION],
  );
  await database.query(`UPDATE members SET role = 'admin' WHERE organization_id = $1 AND user_id = $2`, [
    ORGANIZATION,
    personId(1),
  ]);
}

/**
 * The first thread goes on with a month of messages of the second person that the first has not read. The last hundred
 * are as large as a message can be.
 */
async function seedLongThread(database: Seeded): Promise<void> {
  const [thread] = await database.query<{ last_seq: string }>(
    'SELECT last_seq FROM threads WHERE organization_id = $1 AND id = $2',
    [ORGANIZATION, threadId(1)],
  );
  const last = Number(thread!.last_seq);
  await database.query(
    `INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, content)
     SELECT $1, $2, seq, uuidv7((seq - ${LONG_THREAD}) * interval '13 seconds'), $3,
            CASE WHEN seq > ${LONG_THREAD - 100} THEN repeat('😀', 5000)
                 ELSE 'Message ' || seq || repeat(' and so on', 8) END
     FROM generate_series(${last + 1}, ${LONG_THREAD}) AS seq`,
    [ORGANIZATION, threadId(1), personId(2)],
  );
  await database.query('UPDATE threads SET last_seq = $3 WHERE organization_id = $1 AND id = $2', [
    ORGANIZATION,
    threadId(1),
    LONG_THREAD,
  ]);
  await database.query(
    `UPDATE participants SET newest_seq = $3, settled = settled + CASE user_id WHEN $4 THEN $5 ELSE 0 END
     WHERE organization_id = $1 AND thread_id = $2`,
    [ORGANIZATION, threadId(1), LONG_THREAD, personId(2), LONG_THREAD - last],
  );
}

/** Groups of three. */
async function seedGroups(database: Seeded): Promise<void> {
  await database.query(
    `WITH made AS (
       INSERT INTO threads (organization_id, id, kind, subject, participant_count)
       SELECT $1, gen_random_uuid(), 'group', 'Group ' || number, 3 FROM generate_series(0, ${10 * GROUPS_OF_EACH - 1}) AS number
       RETURNING id, substr(subject, 7)::integer AS number
     )
     INSERT INTO participants (organization_id, thread_id, user_id, owner_since)
     SELECT $1, id, ${person('each')}, CASE WHEN each >= ${OWNERS} THEN now() END
     FROM made CROSS JOIN unnest(ARRAY[${OWNERS} + number % 10, 10 + number % 900, 1000 + number % 900]) AS each`,
    [ORGANIZATION],
  );
}

async function seedUnread(database: Seeded): Promise<void> {
  await database.query(
    `INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, content)
     SELECT $1, $2, last_seq + number, (left('${messageId(0)}', -12) || lpad(to_hex(${DELETED - 1} + number), 12, '0'))::uuid, $3, 'Hello'
     FROM threads CROSS JOIN generate_series(1, 10) AS number
     WHERE organization_id = $1 AND threads.id = $2`,
    [ORGANIZATION, threadId(2), personId(1)],
  );
  await database.query(
    'UPDATE threads SET last_seq = last_seq + 10, last_message_at = now() WHERE organization_id = $1 AND id = $2',
    [ORGANIZATION, threadId(2)],
  );
  await database.query(
    'UPDATE participants SET settled = settled + 10 WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3',
    [ORGANIZATION, threadId(2), personId(1)],
  );
}

async function seedLists(database: Seeded): Promise<void> {
  const lists = [
    `INSERT INTO message_versions (organization_id, message_id, version, content, written_at)
     SELECT $1, '${EDITED}', number, repeat('Earlier version ', 300), now() FROM generate_series(1, 200) AS number`,
    `INSERT INTO roles (organization_id, name, permissions)
     SELECT $1, 'role ' || number, '{}' FROM generate_series(1, 96) AS number`,
    `INSERT INTO messaging_rules (organization_id, from_role, to_role, allows)
     SELECT $1, 'role ' || one, 'role ' || other, 'deny'
     FROM generate_series(1, 25) AS one CROSS JOIN generate_series(1, 40) AS other`,
    `INSERT INTO audit_entries (organization_id, id, actor_kind, user_id, action, target_type, target_id, details,
                                request_id)
     SELECT $1, gen_random_uuid(), 'person', ${person('1')}, 'threads.list', 'organization', 'x',
            jsonb_build_object('thread_ids', ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 100))), 'x'
     FROM generate_series(1, 5000)`,
    `INSERT INTO dead_letters (organization_id, id, type, payload, attempts, last_error, created_at)
     SELECT $1, gen_random_uuid(), 'message.sent', '{}', 10, 'It failed', now() FROM generate_series(1, 15000)`,
    `INSERT INTO deliveries (organization_id, id, notification_id, user_id, channel, target_id, status, due_at)
     SELECT $1, uuidv7(-number * interval '2 minutes'), gen_random_uuid(), ${person('1')}, 'email', gen_random_uuid(),
            'failed', now()
     FROM generate_series(1, 20000) AS number`,
    `INSERT INTO blocks (organization_id, blocker_id, blocked_id, username, display_name)
     SELECT $1, ${person('1')}, ${person('number')}, 'person' || number, 'Person ' || number
     FROM generate_series(5000, 7000) AS number`,
  ];
  for (const sql of lists) await database.query(sql, [ORGANIZATION]);
}

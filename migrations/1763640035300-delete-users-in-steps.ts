import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity } from './rls.js';

const WHOLE_ORGANIZATION = '00000000-0000-0000-0000-000000000000';

/**
 * Deleting a person is a job of many short transactions. The role of requests gets no right to rewrite who sent what
 * or to delete messages of threads: functions do it, for people whose deletion the platform has asked for, and only for
 * the organization as a whole.
 */
export class DeleteUsersInSteps1763640035300 implements MigrationInterface {
  name = 'DeleteUsersInSteps1763640035300';

  async up(runner: QueryRunner): Promise<void> {
    await createDeletions(runner);
    await runner.query(`
      CREATE POLICY listed_for_deletion ON members FOR SELECT TO tidings_owner USING (app_is_platform())`);
    for (const [signature, result, body] of FUNCTIONS) await definerFunction(runner, signature, result, body);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [signature] of FUNCTIONS.toReversed()) await runner.query(`DROP FUNCTION ${signature}`);
    await runner.query('DROP POLICY listed_for_deletion ON members');
    await runner.query('DROP FUNCTION app_is_being_deleted(uuid)');
    await runner.query('DROP TABLE user_deletions');
  }
}

/** Shared by all organizations like users, and for the platform alone. */
async function createDeletions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE user_deletions (
      user_id uuid CONSTRAINT user_deletions_pkey PRIMARY KEY,
      api_key_id uuid,
      request_id text NOT NULL,
      rows_erased bigint NOT NULL DEFAULT 0,
      requested_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz
    )`);
  await forceRowSecurity(runner, 'user_deletions');
  await runner.query(
    'CREATE POLICY platform ON user_deletions TO tidings_request USING ((SELECT app_is_platform()))',
  );
  await runner.query('GRANT SELECT, INSERT, UPDATE ON user_deletions TO tidings_request');
  for (const command of ['SELECT', 'UPDATE']) {
    await runner.query(
      `CREATE POLICY ${command.toLowerCase()}_by_function ON user_deletions FOR ${command} TO tidings_owner USING (true)`,
    );
  }
  await definerFunction(
    runner,
    'app_is_being_deleted(person uuid)',
    'boolean STABLE',
    'SELECT EXISTS (SELECT FROM user_deletions WHERE user_id = person AND finished_at IS NULL)',
  );
}

async function definerFunction(
  runner: QueryRunner,
  signature: string,
  result: string,
  body: string,
): Promise<void> {
  await runner.query(`
    CREATE FUNCTION ${signature} RETURNS ${result} LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC ${body}; END`);
  await runner.query(`REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`);
  await runner.query(`GRANT EXECUTE ON FUNCTION ${signature} TO tidings_request`);
}

/** Evaluated once a statement. The policies of the tables ask the same, but for the person. */
const MAY_ERASE = `(SELECT app_user() = '${WHOLE_ORGANIZATION}' AND app_is_being_deleted(person))`;
const OWN = 'organization_id = app_organization()';

const counted = (deletion: string): string =>
  `WITH gone AS (${deletion} RETURNING true) SELECT count(*)::integer FROM gone`;

/** The next rows of the person in a table whose key goes on from that of participants. */
const ofParticipant = (table: string): string =>
  counted(`
    DELETE FROM ${table} WHERE ${OWN} AND (thread_id, user_id, seq) IN (
      SELECT next.thread_id, next.user_id, next.seq
      FROM participants AS part CROSS JOIN LATERAL (
        SELECT thread_id, user_id, seq FROM ${table}
        WHERE ${table}.organization_id = part.organization_id AND ${table}.thread_id = part.thread_id
          AND ${table}.user_id = part.user_id LIMIT most) AS next
      WHERE part.${OWN} AND part.user_id = person AND ${MAY_ERASE} LIMIT most)`);

/** See principalOf in libs/identity/caller.ts. */
const PRINCIPALS = `
  SELECT 'person:' || person UNION ALL SELECT 'platform:' || person
  UNION ALL SELECT kind || id || ':' || person FROM api_keys CROSS JOIN (VALUES ('service:'), ('platform:')) AS known (kind)`;

const FUNCTIONS: [signature: string, result: string, body: string][] = [
  [
    'app_organizations_of(person uuid)',
    'SETOF uuid STABLE',
    'SELECT organization_id FROM members WHERE user_id = person AND (SELECT app_is_platform())',
  ],
  [
    'app_count_erased(person uuid, erased integer)',
    'void',
    `UPDATE user_deletions SET rows_erased = rows_erased + erased WHERE user_id = person AND ${MAY_ERASE}`,
  ],
  [
    'app_erase_sender(person uuid, threads uuid[], seqs bigint[])',
    'integer',
    counted(`
      UPDATE messages SET sender_id = NULL, client_token = NULL, request_hash = NULL
      FROM unnest(threads, seqs) AS sent (in_thread, at_seq)
      WHERE ${OWN} AND thread_id = in_thread AND seq = at_seq AND sender_id = person AND ${MAY_ERASE}`),
  ],
  ['app_erase_read_marks(person uuid, most integer)', 'integer', ofParticipant('read_marks')],
  ['app_erase_hidden_messages(person uuid, most integer)', 'integer', ofParticipant('hidden_messages')],
  [
    // In place of the person comes an id that nobody has: whoever is created with the same id later is somebody else.
    'app_leave_threads(person uuid, left_threads uuid[])',
    'integer',
    `WITH direct AS MATERIALIZED (
       SELECT id, gen_random_uuid() AS nobody, CASE person WHEN pair_low THEN pair_high ELSE pair_low END AS partner
       FROM threads WHERE ${OWN} AND id = ANY (left_threads) AND person IN (pair_low, pair_high) AND ${MAY_ERASE}
     ), thread AS (
       UPDATE threads SET pair_low = least(partner, nobody), pair_high = greatest(partner, nobody)
       FROM direct WHERE threads.${OWN} AND threads.id = direct.id
     ), kept AS (
       UPDATE participants SET partner_id = nobody
       FROM direct WHERE ${OWN} AND thread_id = direct.id AND user_id = partner
     ), gone AS (
       DELETE FROM participants WHERE ${OWN} AND thread_id = ANY (left_threads) AND user_id = person AND ${MAY_ERASE}
       RETURNING true
     )
     SELECT count(*)::integer FROM gone`,
  ],
  [
    'app_erase_idempotency_keys(person uuid, most integer)',
    'integer',
    counted(`
      DELETE FROM idempotency_keys WHERE ${OWN} AND (principal, key) IN (
        SELECT principal, key FROM (${PRINCIPALS}) AS own (name)
        CROSS JOIN LATERAL (SELECT principal, key FROM idempotency_keys WHERE ${OWN} AND principal = own.name
                            LIMIT most) AS next
        WHERE ${MAY_ERASE} LIMIT most)`),
  ],
  [
    'app_erase_member(person uuid)',
    'integer',
    counted(`DELETE FROM members WHERE ${OWN} AND user_id = person AND ${MAY_ERASE}`),
  ],
];

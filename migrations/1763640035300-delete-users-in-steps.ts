import type { MigrationInterface, QueryRunner } from 'typeorm';
import { erasureFunctions } from './erasure-functions.js';
import { IS_WIDE } from './nil-user.js';
import { forceRowSecurity } from './rls.js';

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

const FUNCTIONS: [signature: string, result: string, body: string][] = [
  [
    'app_organizations_of(person uuid)',
    'SETOF uuid STABLE',
    'SELECT organization_id FROM members WHERE user_id = person AND (SELECT app_is_platform())',
  ],
  ...erasureFunctions(IS_WIDE),
];

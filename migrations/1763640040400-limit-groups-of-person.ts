import type { MigrationInterface, QueryRunner } from 'typeorm';

const SIGNATURE = 'app_person_at_group_limit(people uuid[])';

/**
 * Returns one of these people who has 5,000 groups in their list, or null. Nobody sees the groups of others, so a
 * function counts them, and the limit is in it: so it tells nobody in how many groups a person is.
 */
export class LimitGroupsOfPerson1763640040400 implements MigrationInterface {
  name = 'LimitGroupsOfPerson1763640040400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION ${SIGNATURE} RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
      BEGIN ATOMIC
        SELECT person FROM unnest(people) AS person
        WHERE 5000 = (
          SELECT count(*) FROM (
            SELECT FROM participants
            WHERE organization_id = app_organization() AND user_id = person AND partner_id IS NULL
              AND hidden_at IS NULL
            LIMIT 5000) AS listed)
        LIMIT 1;
      END`);
    await runner.query(`REVOKE ALL ON FUNCTION ${SIGNATURE} FROM PUBLIC`);
    await runner.query(`GRANT EXECUTE ON FUNCTION ${SIGNATURE} TO tidings_request`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION ${SIGNATURE}`);
  }
}

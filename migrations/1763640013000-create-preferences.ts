import type { MigrationInterface, QueryRunner } from 'typeorm';
import { IS_WIDE_ONCE, isOwn } from './nil-user.js';
import { alsoRequire, forceRowSecurity, tenantTable } from './rls.js';

const GRANT = 'SELECT, INSERT, UPDATE';

export class CreatePreferences1763640013000 implements MigrationInterface {
  name = 'CreatePreferences1763640013000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE organization_preferences (
        organization_id uuid CONSTRAINT organization_preferences_pkey PRIMARY KEY
          CONSTRAINT organization_preferences_organization_fkey REFERENCES organizations ON DELETE CASCADE,
        document jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await tenantTable(runner, 'organization_preferences', { grant: GRANT });
    await createMemberPreferences(runner);
    await runner.query(`
      CREATE TABLE user_preferences (
        user_id uuid CONSTRAINT user_preferences_pkey PRIMARY KEY
          CONSTRAINT user_preferences_user_fkey REFERENCES users ON DELETE CASCADE,
        document jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await protectUserPreferences(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE user_preferences, member_preferences, organization_preferences');
  }
}

/** Whoever sends notifications may read preferences; only the person may write them. */
async function createMemberPreferences(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE member_preferences (
      organization_id uuid NOT NULL,
      user_id uuid NOT NULL,
      document jsonb NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT member_preferences_pkey PRIMARY KEY (organization_id, user_id),
      CONSTRAINT member_preferences_member_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES members (organization_id, user_id) ON DELETE CASCADE
    )`);
  await tenantTable(runner, 'member_preferences', { grant: GRANT });
  await alsoRequire(runner, 'member_preferences', 'own', isOwn('user_id'), 'SELECT');
  for (const command of ['INSERT', 'UPDATE'] as const) {
    const policy = `own_${command.toLowerCase()}`;
    await alsoRequire(runner, 'member_preferences', policy, 'user_id = (SELECT app_user())', command);
  }
}

/**
 * What belongs to a person and to no organization is theirs alone to read and write. An organization at work reads it
 * of its members, and never writes.
 */
async function protectUserPreferences(runner: QueryRunner): Promise<void> {
  await forceRowSecurity(runner, 'user_preferences');
  await runner.query(`
    CREATE POLICY own ON user_preferences TO tidings_request
      USING (user_id = (SELECT app_user()))
      WITH CHECK (user_id = (SELECT app_user()))`);
  await runner.query(`
    CREATE POLICY of_members ON user_preferences FOR SELECT TO tidings_request
      USING (${IS_WIDE_ONCE} AND EXISTS (
        SELECT FROM members WHERE members.organization_id = (SELECT app_organization())
          AND members.user_id = user_preferences.user_id AND members.removed_at IS NULL))`);
  await runner.query(`GRANT ${GRANT} ON user_preferences TO tidings_request`);
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

const PLATFORM = `'00000000-0000-0000-0000-000000000000'`;

const IS_LIVE = `organization_id = ${PLATFORM} AND id = key AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > now())`;

/** Keys record their creator, messages the key with which a service sent them on behalf of a person. */
export class RecordApiKeys1763640035000 implements MigrationInterface {
  name = 'RecordApiKeys1763640035000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE api_keys ADD COLUMN created_by_user_id uuid, ADD COLUMN created_by_key_id uuid',
    );
    await runner.query('ALTER TABLE messages ADD COLUMN api_key_id uuid');
    for (const command of ['SELECT', 'UPDATE']) {
      await runner.query(
        `CREATE POLICY platform_keys_${command.toLowerCase()} ON api_keys FOR ${command} TO tidings_owner
           USING (organization_id = ${PLATFORM})`,
      );
    }
    await definerFunction(
      runner,
      'app_platform_key_is_live(key uuid)',
      'STABLE',
      `SELECT EXISTS (SELECT FROM api_keys WHERE ${IS_LIVE})`,
    );
    // Locked until the commit, so that the key is revoked before or after what it does. STABLE functions lock nothing.
    await definerFunction(
      runner,
      'app_lock_platform_key(key uuid)',
      'VOLATILE',
      `SELECT EXISTS (SELECT FROM (SELECT FROM api_keys WHERE ${IS_LIVE} FOR SHARE) AS live)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app_platform_key_is_live(uuid), app_lock_platform_key(uuid)');
    await runner.query('DROP POLICY platform_keys_select ON api_keys');
    await runner.query('DROP POLICY platform_keys_update ON api_keys');
    await runner.query('ALTER TABLE messages DROP COLUMN api_key_id');
    await runner.query('ALTER TABLE api_keys DROP COLUMN created_by_user_id, DROP COLUMN created_by_key_id');
  }
}

async function definerFunction(
  runner: QueryRunner,
  signature: string,
  volatility: 'STABLE' | 'VOLATILE',
  query: string,
): Promise<void> {
  await runner.query(`
    CREATE FUNCTION ${signature} RETURNS boolean LANGUAGE sql ${volatility} SECURITY DEFINER
    BEGIN ATOMIC ${query}; END`);
  await runner.query(`REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`);
  await runner.query(`GRANT EXECUTE ON FUNCTION ${signature} TO tidings_request`);
}

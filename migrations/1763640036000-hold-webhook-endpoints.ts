import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who set up an endpoint, since when it fails, and a third secret for two overlapping rotations. Of endpoints that are
 * there already nobody is known, so they get no message content. Unsubscribe keys can be replaced.
 */
export class HoldWebhookEndpoints1763640036000 implements MigrationInterface {
  name = 'HoldWebhookEndpoints1763640036000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE webhook_endpoints
        ADD COLUMN configured_by_kind text CONSTRAINT webhook_endpoints_configured_by_kind_known
          CHECK (configured_by_kind IN ('person', 'service', 'platform')),
        ADD COLUMN configured_by_user_id uuid,
        ADD COLUMN configured_by_key_id uuid,
        ADD COLUMN configured_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN older_secret text,
        ADD COLUMN older_secret_until timestamptz,
        ADD COLUMN failing_since timestamptz`);
    await runner.query('GRANT UPDATE ON organization_keys TO tidings_request');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('REVOKE UPDATE ON organization_keys FROM tidings_request');
    await runner.query(`
      ALTER TABLE webhook_endpoints
        DROP COLUMN configured_by_kind, DROP COLUMN configured_by_user_id, DROP COLUMN configured_by_key_id,
        DROP COLUMN configured_at,
        DROP COLUMN older_secret, DROP COLUMN older_secret_until, DROP COLUMN failing_since`);
  }
}

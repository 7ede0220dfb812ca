import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrently.js';

/** The relay claims events of each organization in turn, and counts those that no worker knows. */
export class ClaimByOrganization1763640031000 implements MigrationInterface {
  name = 'ClaimByOrganization1763640031000';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'outbox_due_of_organization',
      'outbox (organization_id, run_at, id)',
    );
    await createIndexConcurrently(
      runner,
      'outbox_unknown',
      `outbox (type) WHERE last_error = 'unknown type'`,
    );
    // To count them: their payloads stay with the organization.
    await runner.query('GRANT SELECT (organization_id, failed_at) ON dead_letters TO tidings_relay');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('REVOKE SELECT (organization_id, failed_at) ON dead_letters FROM tidings_relay');
    await runner.query('DROP INDEX IF EXISTS outbox_unknown, outbox_due_of_organization');
  }
}

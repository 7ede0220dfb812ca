import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the relay role may read of a delivery: which it is, and when it is due. Nothing of what it says. */
const QUEUE_COLUMNS = `organization_id, id, user_id, channel, target_id, digest, urgent, status, due_at, attempts,
  leased_until`;

/** Makes deliveries the one queue of what is sent: workers claim its rows as the relay role. */
export class QueueDeliveries1763640032000 implements MigrationInterface {
  name = 'QueueDeliveries1763640032000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deliveries ADD COLUMN urgent boolean NOT NULL DEFAULT false');
    // Each row is written three times within seconds, so that dead versions have to be removed early.
    await runner.query('ALTER TABLE deliveries SET (autovacuum_vacuum_scale_factor = 0.02)');
    await runner.query('CREATE POLICY relay ON deliveries TO tidings_relay USING (true)');
    await runner.query(`
      GRANT SELECT (${QUEUE_COLUMNS}), UPDATE (attempts, leased_until) ON deliveries TO tidings_relay`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      REVOKE SELECT (${QUEUE_COLUMNS}), UPDATE (attempts, leased_until) ON deliveries FROM tidings_relay`);
    await runner.query('DROP POLICY relay ON deliveries');
    await runner.query('ALTER TABLE deliveries RESET (autovacuum_vacuum_scale_factor)');
    await runner.query('ALTER TABLE deliveries DROP COLUMN urgent');
  }
}

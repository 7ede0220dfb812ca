import type { MigrationInterface, QueryRunner } from 'typeorm';

const IN_CHANNEL = `status = 'waiting' AND digest IS NULL`;
const IN_DIGEST = `status = 'waiting' AND digest IS NOT NULL`;

const INDEXES = {
  deliveries_due: `(channel, urgent, due_at) WHERE ${IN_CHANNEL}`,
  deliveries_queue: `(channel, urgent, organization_id, due_at) WHERE ${IN_CHANNEL}`,
  deliveries_target: `(channel, urgent, organization_id, target_id, due_at)
    WHERE ${IN_CHANNEL} AND channel <> 'email'`,
  deliveries_leased: `(channel, organization_id, target_id)
    WHERE status = 'waiting' AND channel <> 'email' AND leased_until IS NOT NULL`,
  deliveries_digest_due: `(due_at) WHERE ${IN_DIGEST}`,
  deliveries_digest_queue: `(organization_id, due_at) WHERE ${IN_DIGEST}`,
  deliveries_person: `(user_id, organization_id, id) WHERE status = 'waiting'`,
};

/** The indexes that the queues are read by. They are built while deliveries are being written, so in no transaction. */
export class IndexDeliveryQueues1763640032100 implements MigrationInterface {
  name = 'IndexDeliveryQueues1763640032100';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // Building waits for transactions that are older. Nothing queues behind it, so it may wait for long.
    await runner.query('SET lock_timeout = 0');
    for (const [name, definition] of Object.entries(INDEXES)) {
      // One that was interrupted leaves an invalid index behind.
      await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
      await runner.query(`CREATE INDEX CONCURRENTLY ${name} ON deliveries ${definition}`);
    }
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS deliveries_digest');
    await runner.query('RESET lock_timeout');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX deliveries_digest ON deliveries (organization_id, user_id, due_at) WHERE ${IN_DIGEST}`,
    );
    await runner.query(`DROP INDEX ${Object.keys(INDEXES).join(', ')}`);
  }
}

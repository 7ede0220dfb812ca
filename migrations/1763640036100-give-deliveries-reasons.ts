import type { MigrationInterface, QueryRunner } from 'typeorm';
import { backfill, inTransaction } from './backfill.js';

const REASONS = `'expired', 'member_removed', 'no_address', 'endpoint_deleted', 'endpoint_disabled',
  'browser_unsubscribed', 'deleted', 'read', 'actor_blocked', 'muted', 'turned_off', 'subscription_removed'`;

/**
 * Why a delivery was cancelled, as a code, and a status that hides whether it was. The checks hold for new rows at
 * once; the next migration validates them for old ones, without the exclusive lock that this one takes.
 */
export class GiveDeliveriesReasons1763640036100 implements MigrationInterface {
  name = 'GiveDeliveriesReasons1763640036100';

  /** For the way down, which changes rows. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deliveries
        ADD COLUMN IF NOT EXISTS reason text,
        DROP CONSTRAINT IF EXISTS deliveries_reason_known,
        ADD CONSTRAINT deliveries_reason_known CHECK (reason IN (${REASONS})) NOT VALID,
        DROP CONSTRAINT IF EXISTS deliveries_status_known,
        ADD CONSTRAINT deliveries_status_known
          CHECK (status IN ('waiting', 'sent', 'failed', 'cancelled', 'closed')) NOT VALID`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await inTransaction(runner, () =>
      runner.query(`
        ALTER TABLE deliveries
          DROP CONSTRAINT IF EXISTS deliveries_status_known,
          ADD CONSTRAINT deliveries_status_known
            CHECK (status IN ('waiting', 'sent', 'failed', 'cancelled')) NOT VALID`),
    );
    await backfill(runner, {
      lock: `SELECT id AS key FROM deliveries WHERE id > $1 AND status = 'closed'
        ORDER BY id LIMIT $2 FOR NO KEY UPDATE`,
      change: `UPDATE deliveries SET status = CASE WHEN sent_at IS NULL THEN 'cancelled' ELSE 'sent' END
        WHERE id = ANY ($1)`,
    });
    await inTransaction(runner, () =>
      runner.query('ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_status_known'),
    );
    await inTransaction(runner, () => runner.query('ALTER TABLE deliveries DROP COLUMN IF EXISTS reason'));
  }
}

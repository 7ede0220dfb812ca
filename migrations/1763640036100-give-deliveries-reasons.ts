import type { MigrationInterface, QueryRunner } from 'typeorm';

const REASONS = `'expired', 'member_removed', 'no_address', 'endpoint_deleted', 'endpoint_disabled',
  'browser_unsubscribed', 'deleted', 'read', 'actor_blocked', 'muted', 'turned_off', 'subscription_removed'`;

/**
 * Why a delivery was cancelled, as a code, and a status that hides whether it was. The checks hold for new rows at
 * once; the next migration validates them for old ones, without the exclusive lock that this one takes.
 */
export class GiveDeliveriesReasons1763640036100 implements MigrationInterface {
  name = 'GiveDeliveriesReasons1763640036100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deliveries
        ADD COLUMN reason text,
        ADD CONSTRAINT deliveries_reason_known CHECK (reason IN (${REASONS})) NOT VALID,
        DROP CONSTRAINT deliveries_status_known,
        ADD CONSTRAINT deliveries_status_known
          CHECK (status IN ('waiting', 'sent', 'failed', 'cancelled', 'closed')) NOT VALID`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // Also the owner is held to the policies, and there is none for it.
    await runner.query('ALTER TABLE deliveries NO FORCE ROW LEVEL SECURITY');
    await runner.query(`
      UPDATE deliveries SET status = CASE WHEN sent_at IS NULL THEN 'cancelled' ELSE 'sent' END
      WHERE status = 'closed'`);
    await runner.query('ALTER TABLE deliveries FORCE ROW LEVEL SECURITY');
    await runner.query(`
      ALTER TABLE deliveries
        DROP COLUMN reason,
        DROP CONSTRAINT deliveries_status_known,
        ADD CONSTRAINT deliveries_status_known
          CHECK (status IN ('waiting', 'sent', 'failed', 'cancelled'))`);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

/**
 * Events are keyed by the time at which they are due, which a claim changes. So the key finds the due events of an
 * organization as well as a claimed one, and the planner, which may have seen the outbox empty, has no other index to
 * look an event up by.
 */
export class KeyOutboxByTime1763640038000 implements MigrationInterface {
  name = 'KeyOutboxByTime1763640038000';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await this.rekey(runner, '(organization_id, run_at, id)');
    await dropIndexConcurrently(runner, 'outbox_due_of_organization');
  }

  async down(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'outbox_due_of_organization',
      'outbox (organization_id, run_at, id)',
    );
    await this.rekey(runner, '(organization_id, id)');
  }

  private async rekey(runner: QueryRunner, columns: string): Promise<void> {
    await runner.query(`SET lock_timeout = '10min'`);
    try {
      await runner.query('DROP INDEX CONCURRENTLY IF EXISTS outbox_key');
      await runner.query(`CREATE UNIQUE INDEX CONCURRENTLY outbox_key ON outbox ${columns}`);
    } finally {
      await runner.query('RESET lock_timeout');
    }
    await runner.query(`
      ALTER TABLE outbox DROP CONSTRAINT outbox_pkey,
        ADD CONSTRAINT outbox_pkey PRIMARY KEY USING INDEX outbox_key`);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { relayTable, tenantTable } from './rls.js';

export class LeaseOutbox1763640014000 implements MigrationInterface {
  name = 'LeaseOutbox1763640014000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE outbox
        ADD COLUMN run_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN attempts integer NOT NULL DEFAULT 0,
        ADD COLUMN last_error text`);
    await runner.query('DROP INDEX outbox_created_at');
    await runner.query('CREATE INDEX outbox_due ON outbox (run_at, id)');
    // Rows come and go by the thousand: what is dead must not be read for long.
    await runner.query('ALTER TABLE outbox SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)');
    await runner.query(`
      CREATE TABLE dead_letters (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        payload jsonb NOT NULL,
        attempts integer NOT NULL,
        last_error text,
        created_at timestamptz NOT NULL,
        failed_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT dead_letters_pkey PRIMARY KEY (organization_id, id)
      )`);
    await tenantTable(runner, 'dead_letters', { grant: 'SELECT, DELETE' });
    await relayTable(runner, 'dead_letters', 'INSERT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dead_letters');
    await runner.query('DROP INDEX outbox_due');
    await runner.query('CREATE INDEX outbox_created_at ON outbox (created_at)');
    await runner.query('ALTER TABLE outbox RESET (fillfactor, autovacuum_vacuum_scale_factor)');
    await runner.query('ALTER TABLE outbox DROP COLUMN run_at, DROP COLUMN attempts, DROP COLUMN last_error');
  }
}

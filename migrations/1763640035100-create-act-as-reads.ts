import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls.js';

/** Reads on behalf of people are audited once an hour: when that was last. Writes leave an entry each. */
export class CreateActAsReads1763640035100 implements MigrationInterface {
  name = 'CreateActAsReads1763640035100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE act_as_reads (
        organization_id uuid NOT NULL
          CONSTRAINT act_as_reads_organization_fkey REFERENCES organizations ON DELETE CASCADE,
        key_id uuid NOT NULL,
        user_id uuid NOT NULL,
        route text NOT NULL,
        noted_at timestamptz NOT NULL,
        CONSTRAINT act_as_reads_pkey PRIMARY KEY (organization_id, key_id, user_id, route)
      )`);
    await runner.query('CREATE INDEX act_as_reads_noted_at ON act_as_reads (organization_id, noted_at)');
    await tenantTable(runner, 'act_as_reads', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE act_as_reads');
  }
}

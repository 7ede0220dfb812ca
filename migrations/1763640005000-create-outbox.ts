import type { MigrationInterface, QueryRunner } from 'typeorm';
import { relayTable, tenantTable } from './rls.js';

export class CreateOutbox1763640005000 implements MigrationInterface {
  name = 'CreateOutbox1763640005000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        payload jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT outbox_pkey PRIMARY KEY (organization_id, id)
      )`);
    await runner.query('CREATE INDEX outbox_created_at ON outbox (created_at)');
    await tenantTable(runner, 'outbox', { grant: 'INSERT' });
    await relayTable(runner, 'outbox', 'SELECT, UPDATE, DELETE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox');
  }
}

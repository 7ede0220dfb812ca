import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls.js';

export class CreateAuditEntries1763640007000 implements MigrationInterface {
  name = 'CreateAuditEntries1763640007000';

  // No foreign keys: an entry outlives whom and what it speaks of. No UPDATE, no DELETE: it is never rewritten.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_entries (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        actor_kind text NOT NULL
          CONSTRAINT audit_entries_actor_kind_known CHECK (actor_kind IN ('person', 'service', 'platform')),
        user_id uuid,
        api_key_id uuid,
        action text NOT NULL,
        target_type text NOT NULL,
        target_id text NOT NULL,
        reason text,
        details jsonb NOT NULL DEFAULT '{}',
        request_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT audit_entries_pkey PRIMARY KEY (organization_id, id)
      )`);
    await tenantTable(runner, 'audit_entries', { grant: 'SELECT, INSERT' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_entries');
  }
}

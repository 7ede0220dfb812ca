import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls.js';

export class CreateApiKeys1763640004000 implements MigrationInterface {
  name = 'CreateApiKeys1763640004000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_keys (
        organization_id uuid NOT NULL
          CONSTRAINT api_keys_organization_fkey REFERENCES organizations ON DELETE CASCADE,
        id uuid NOT NULL,
        name text NOT NULL CONSTRAINT api_keys_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
        slot smallint NOT NULL CONSTRAINT api_keys_slot_known CHECK (slot IN (1, 2)),
        secret_hash bytea NOT NULL,
        scopes text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        CONSTRAINT api_keys_pkey PRIMARY KEY (organization_id, id)
      )`);
    // Two live keys a service, so that one can be put in place before the other goes.
    await runner.query(
      'CREATE UNIQUE INDEX api_keys_slot ON api_keys (organization_id, name, slot) WHERE revoked_at IS NULL',
    );
    await tenantTable(runner, 'api_keys', { grant: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE api_keys');
  }
}

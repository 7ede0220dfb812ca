import type { MigrationInterface, QueryRunner } from 'typeorm';
import { relayTable, tenantTable } from './rls.js';

export class CreateIdempotencyKeys1763640006000 implements MigrationInterface {
  name = 'CreateIdempotencyKeys1763640006000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_keys (
        organization_id uuid NOT NULL
          CONSTRAINT idempotency_keys_organization_fkey REFERENCES organizations ON DELETE CASCADE,
        principal text NOT NULL,
        key text NOT NULL CONSTRAINT idempotency_keys_key_length CHECK (char_length(key) BETWEEN 1 AND 255),
        request_hash bytea NOT NULL,
        result bytea,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT idempotency_keys_pkey PRIMARY KEY (organization_id, principal, key)
      )`);
    await runner.query('CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at)');
    await tenantTable(runner, 'idempotency_keys', { grant: 'SELECT, INSERT, UPDATE' });
    // The worker clears out old keys by their age, and has no business with the results.
    await relayTable(
      runner,
      'idempotency_keys',
      'SELECT (organization_id, principal, key, created_at), DELETE',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_keys');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrently.js';
import { orWholeOrganization } from './nil-user.js';
import { alsoRequire } from './rls.js';

const TABLES = ['read_marks', 'message_versions', 'notification_requests', 'api_keys'];

const INDEXES: [name: string, definition: string][] = [
  ['read_marks_read_at', 'read_marks (organization_id, read_at)'],
  ['message_versions_replaced_at', 'message_versions (organization_id, replaced_at)'],
  ['dead_letters_failed_at', 'dead_letters (organization_id, failed_at)'],
  [
    'notification_requests_finished_at',
    'notification_requests (organization_id, finished_at) WHERE finished_at IS NOT NULL',
  ],
  ['api_keys_revoked_at', 'api_keys (organization_id, revoked_at) WHERE revoked_at IS NOT NULL'],
];

/**
 * Lets the worker remove what was kept for RETENTION_DAYS, and nobody else. Not in one transaction: each statement
 * locks one table for a moment, and can be repeated after an attempt that failed.
 */
export class KeepForATime1763640031100 implements MigrationInterface {
  name = 'KeepForATime1763640031100';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE participants ADD COLUMN IF NOT EXISTS read_marks_from bigint NOT NULL DEFAULT 0',
    );
    await runner.query('GRANT UPDATE (read_marks_from) ON participants TO tidings_request');
    // The versions that are there count as replaced now: when they were is not known.
    await runner.query(
      'ALTER TABLE message_versions ADD COLUMN IF NOT EXISTS replaced_at timestamptz NOT NULL DEFAULT now()',
    );
    for (const table of TABLES) {
      await runner.query(`DROP POLICY IF EXISTS retention ON ${table}`);
      await alsoRequire(runner, table, 'retention', orWholeOrganization('false'), 'DELETE');
      await runner.query(`GRANT DELETE ON ${table} TO tidings_request`);
    }
    for (const [name, definition] of INDEXES) await createIndexConcurrently(runner, name, definition);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name] of INDEXES) await runner.query(`DROP INDEX IF EXISTS ${name}`);
    for (const table of TABLES) {
      await runner.query(`REVOKE DELETE ON ${table} FROM tidings_request`);
      await runner.query(`DROP POLICY IF EXISTS retention ON ${table}`);
    }
    await runner.query('ALTER TABLE message_versions DROP COLUMN IF EXISTS replaced_at');
    await runner.query('ALTER TABLE participants DROP COLUMN IF EXISTS read_marks_from');
  }
}

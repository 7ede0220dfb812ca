import type { MigrationInterface, QueryRunner } from 'typeorm';
import { inTransaction } from './backfill.js';
import { IS_WIDE } from './nil-user.js';

const ERASED = [
  'api_keys',
  'hidden_messages',
  'idempotency_keys',
  'members',
  'messages',
  'participants',
  'read_marks',
  'threads',
];

/**
 * Admits the functions of the next migration, which erase a person, to the rows of one organization. Each table in a
 * transaction of its own: to lock them all at once would hold up requests for as long as the waits take together.
 */
export class AdmitErasure1763640035200 implements MigrationInterface {
  name = 'AdmitErasure1763640035200';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ERASED) {
      await inTransaction(runner, async () => {
        await runner.query(`DROP POLICY IF EXISTS erasure ON ${table}`);
        await runner.query(`
          CREATE POLICY erasure ON ${table} TO tidings_owner
            USING (organization_id = app_organization() AND ${IS_WIDE})`);
      });
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ERASED)
      await inTransaction(runner, () => runner.query(`DROP POLICY IF EXISTS erasure ON ${table}`));
  }
}

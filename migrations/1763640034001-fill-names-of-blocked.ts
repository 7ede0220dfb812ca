import type { MigrationInterface, QueryRunner } from 'typeorm';
import { backfill, inTransaction } from './backfill.js';

/** Blocks from before get the names that people have now. Batch by batch, so that no row is locked for long. */
export class FillNamesOfBlocked1763640034001 implements MigrationInterface {
  name = 'FillNamesOfBlocked1763640034001';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // Requests never change a block: the right lasts as long as the backfill, which runs as their role.
    await inTransaction(runner, () => runner.query(`GRANT UPDATE ${NAMES} ON blocks TO tidings_request`));
    await backfill(runner, {
      lock: `SELECT DISTINCT blocker_id AS key FROM blocks WHERE blocker_id > $1 ORDER BY blocker_id LIMIT $2`,
      change: `
        UPDATE blocks SET username = members.username, display_name = members.display_name
        FROM members
        WHERE members.organization_id = blocks.organization_id AND members.user_id = blocks.blocked_id
          AND blocks.blocker_id = ANY ($1) AND blocks.username IS NULL`,
    });
    await inTransaction(runner, () => runner.query(`REVOKE UPDATE ${NAMES} ON blocks FROM tidings_request`));
  }

  async down(): Promise<void> {
    // The columns go with the migration before.
  }
}

const NAMES = '(username, display_name)';

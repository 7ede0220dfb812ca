import type { MigrationInterface, QueryRunner } from 'typeorm';
import { withoutForcedPolicies } from './backfill.js';

const ROWS_PER_BATCH = 5000;

/** Blocks from before get the names that people have now. Batch by batch, so that no row is locked for long. */
export class FillNamesOfBlocked1763640034001 implements MigrationInterface {
  name = 'FillNamesOfBlocked1763640034001';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await withoutForcedPolicies(runner, ['blocks', 'members'], async () => {
      let last: Key | undefined = { organization_id: NIL, blocker_id: NIL, blocked_id: NIL };
      while (last) last = await fillAfter(runner, last);
    });
  }

  async down(): Promise<void> {
    // The columns go with the migration before.
  }
}

interface Key {
  organization_id: string;
  blocker_id: string;
  blocked_id: string;
}

const NIL = '00000000-0000-0000-0000-000000000000';

/** The last row of the batch, or undefined where none is left. */
async function fillAfter(runner: QueryRunner, after: Key): Promise<Key | undefined> {
  const rows = (await runner.query(
    `WITH batch AS (
       SELECT organization_id, blocker_id, blocked_id FROM blocks
       WHERE (organization_id, blocker_id, blocked_id) > ($1, $2, $3)
       ORDER BY organization_id, blocker_id, blocked_id LIMIT ${ROWS_PER_BATCH}
     ), filled AS (
       UPDATE blocks SET username = members.username, display_name = members.display_name
       FROM batch JOIN members
         ON members.organization_id = batch.organization_id AND members.user_id = batch.blocked_id
       WHERE blocks.organization_id = batch.organization_id AND blocks.blocker_id = batch.blocker_id
         AND blocks.blocked_id = batch.blocked_id AND blocks.username IS NULL
     )
     SELECT organization_id, blocker_id, blocked_id FROM batch
     ORDER BY organization_id DESC, blocker_id DESC, blocked_id DESC LIMIT 1`,
    [after.organization_id, after.blocker_id, after.blocked_id],
  )) as Key[];
  return rows[0];
}

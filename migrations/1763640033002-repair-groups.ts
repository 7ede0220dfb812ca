import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Takes removed members out of the groups that they are still in, and gives each group without an owner its longest
 * standing member as one. In short transactions of its own, each with the locks of one person's removal or of one
 * organization's ownerless groups; run again, it goes on where it stopped.
 */
export class RepairGroups1763640033002 implements MigrationInterface {
  name = 'RepairGroups1763640033002';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const organizations: { id: string }[] = await runner.query('SELECT id FROM organizations ORDER BY id');
    for (const { id } of organizations) {
      const removed = await inOrganization(runner, id, REMOVED_IN_GROUPS);
      for (const { user_id } of removed as { user_id: string }[]) {
        await runner.query('SELECT leave_groups($1, $2)', [id, user_id]);
      }
      await inOrganization(runner, id, APPOINT_OWNERS);
    }
    await runner.query('DROP POLICY IF EXISTS listed_by_repair ON organizations');
  }

  /** What was broken before is not broken again. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE POLICY listed_by_repair ON organizations FOR SELECT TO tidings_owner USING (true)',
    );
  }
}

async function inOrganization(runner: QueryRunner, id: string, sql: string): Promise<unknown> {
  await runner.startTransaction();
  try {
    await runner.query(`SELECT set_config('tidings.organization_id', $1, true)`, [id]);
    const rows: unknown = await runner.query(sql, [id]);
    await runner.commitTransaction();
    return rows;
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
}

const REMOVED_IN_GROUPS = `
  SELECT user_id FROM members
  WHERE organization_id = $1 AND removed_at IS NOT NULL AND EXISTS (
    SELECT FROM participants
    WHERE participants.organization_id = $1 AND participants.user_id = members.user_id
      AND partner_id IS NULL AND left_at IS NULL)
  ORDER BY user_id`;

/** The thread is locked, so that an owner who is given one by somebody else meanwhile stays the only one. */
const APPOINT_OWNERS = `
  WITH ownerless AS (
    SELECT id FROM threads
    WHERE organization_id = $1 AND kind = 'group' AND participant_count > 0 AND NOT EXISTS (
      SELECT FROM participants
      WHERE participants.organization_id = $1 AND participants.thread_id = threads.id
        AND left_at IS NULL AND owner_since IS NOT NULL)
    ORDER BY id FOR NO KEY UPDATE
  )
  UPDATE participants SET owner_since = now()
  FROM ownerless CROSS JOIN LATERAL (
    SELECT user_id FROM participants AS other
    WHERE other.organization_id = $1 AND other.thread_id = ownerless.id AND other.left_at IS NULL
    ORDER BY other.joined_at, other.user_id LIMIT 1) AS heir
  WHERE participants.organization_id = $1 AND participants.thread_id = ownerless.id
    AND participants.user_id = heir.user_id`;

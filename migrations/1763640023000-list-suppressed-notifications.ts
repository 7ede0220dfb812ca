import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What somebody was not shown can be asked for, to see why: from an index that has nothing else. */
export class ListSuppressedNotifications1763640023000 implements MigrationInterface {
  name = 'ListSuppressedNotifications1763640023000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX notifications_not_shown ON notifications
        (organization_id, user_id, seq, actor_id, expires_at)
        WHERE suppressed_at IS NOT NULL AND deleted_at IS NULL`);
    await runner.query(`
      CREATE INDEX notifications_not_shown_type ON notifications
        (organization_id, user_id, type, seq, actor_id, expires_at)
        WHERE suppressed_at IS NOT NULL AND deleted_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX notifications_not_shown, notifications_not_shown_type');
  }
}

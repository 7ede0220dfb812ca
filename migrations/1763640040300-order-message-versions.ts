import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An edit that waited for another one began before that, so the start of its transaction is no time at which it replaced
 * the text of the other.
 */
export class OrderMessageVersions1763640040300 implements MigrationInterface {
  name = 'OrderMessageVersions1763640040300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE message_versions ALTER COLUMN replaced_at SET DEFAULT clock_timestamp()');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE message_versions ALTER COLUMN replaced_at SET DEFAULT now()');
  }
}

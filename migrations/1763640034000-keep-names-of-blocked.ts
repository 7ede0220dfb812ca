import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The list of blocked people shows the names that were known at the time of the block. The columns stay nullable: a
 * server of the version before, in the middle of an upgrade, does not fill them.
 */
export class KeepNamesOfBlocked1763640034000 implements MigrationInterface {
  name = 'KeepNamesOfBlocked1763640034000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE blocks ADD COLUMN username text, ADD COLUMN display_name text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE blocks DROP COLUMN username, DROP COLUMN display_name');
  }
}

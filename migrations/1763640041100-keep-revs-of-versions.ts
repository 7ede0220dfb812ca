import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An earlier text keeps the revision that its message had, for people who left the thread and still see that text. */
export class KeepRevsOfVersions1763640041100 implements MigrationInterface {
  name = 'KeepRevsOfVersions1763640041100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE message_versions ADD COLUMN rev integer NOT NULL DEFAULT 1');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE message_versions DROP COLUMN rev');
  }
}

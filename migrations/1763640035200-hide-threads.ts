import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A thread can leave the lists of one of its participants for good. */
export class HideThreads1763640035200 implements MigrationInterface {
  name = 'HideThreads1763640035200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE participants ADD COLUMN hidden_at timestamptz');
    await runner.query('GRANT UPDATE (hidden_at) ON participants TO tidings_request');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE participants DROP COLUMN hidden_at');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

/** Dead letters of one type are retried oldest first. */
export class IndexDeadLettersByType1763640040100 implements MigrationInterface {
  name = 'IndexDeadLettersByType1763640040100';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const columns = '(organization_id, type, failed_at)';
    await createIndexConcurrently(runner, 'dead_letters_type', `dead_letters ${columns}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexConcurrently(runner, 'dead_letters_type');
  }
}

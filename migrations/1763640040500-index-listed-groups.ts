import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

const COLUMNS = 'participants (organization_id, user_id, thread_id)';

/** The groups in a person's list come from the index alone. */
export class IndexListedGroups1763640040500 implements MigrationInterface {
  name = 'IndexListedGroups1763640040500';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const isListed = 'partner_id IS NULL AND hidden_at IS NULL';
    await createIndexConcurrently(runner, 'participants_listed_groups', `${COLUMNS} WHERE ${isListed}`);
    await dropIndexConcurrently(runner, 'participants_groups');
  }

  async down(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(runner, 'participants_groups', `${COLUMNS} WHERE partner_id IS NULL`);
    await dropIndexConcurrently(runner, 'participants_listed_groups');
  }
}

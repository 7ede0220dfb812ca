import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

const INDEXES = {
  members_visible: '(organization_id, username_key)',
  members_visible_by_role: '(organization_id, role, username_key)',
};

/** The directory lists members without reading hidden profiles. */
export class IndexVisibleMembers1763640040200 implements MigrationInterface {
  name = 'IndexVisibleMembers1763640040200';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const isVisible = `removed_at IS NULL AND profile_visibility = 'organization'`;
    for (const [name, columns] of Object.entries(INDEXES))
      await createIndexConcurrently(runner, name, `members ${columns} WHERE ${isVisible}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await dropIndexConcurrently(runner, name);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

/** Unread messages are counted from indexes alone: messages by sender, less those that were deleted, of a thread. */
export class IndexDeletedMessages1763640034002 implements MigrationInterface {
  name = 'IndexDeletedMessages1763640034002';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(
      runner,
      'messages_deleted',
      'messages (organization_id, thread_id, seq, sender_id) WHERE deleted_at IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexConcurrently(runner, 'messages_deleted');
  }
}

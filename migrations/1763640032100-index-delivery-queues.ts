import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

const IN_CHANNEL = `status = 'waiting' AND digest IS NULL`;
const IN_DIGEST = `status = 'waiting' AND digest IS NOT NULL`;

const INDEXES = {
  deliveries_due: `(channel, urgent, due_at) WHERE ${IN_CHANNEL}`,
  deliveries_queue: `(channel, urgent, organization_id, due_at) WHERE ${IN_CHANNEL}`,
  deliveries_target: `(channel, urgent, organization_id, target_id, due_at)
    WHERE ${IN_CHANNEL} AND channel = 'webhook'`,
  deliveries_target_user: `(channel, urgent, organization_id, user_id, due_at)
    WHERE ${IN_CHANNEL} AND channel = 'web_push'`,
  deliveries_leased: `(channel, organization_id, target_id)
    WHERE status = 'waiting' AND channel = 'webhook' AND leased_until IS NOT NULL`,
  deliveries_leased_user: `(channel, organization_id, user_id)
    WHERE status = 'waiting' AND channel = 'web_push' AND leased_until IS NOT NULL`,
  deliveries_digest_due: `(due_at) WHERE ${IN_DIGEST}`,
  deliveries_digest_queue: `(organization_id, due_at) WHERE ${IN_DIGEST}`,
  deliveries_person: `(user_id, organization_id, id) WHERE status = 'waiting'`,
};

/** The indexes that the queues are read by. They are built while deliveries are being written, so in no transaction. */
export class IndexDeliveryQueues1763640032100 implements MigrationInterface {
  name = 'IndexDeliveryQueues1763640032100';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, definition] of Object.entries(INDEXES))
      await createIndexConcurrently(runner, name, `deliveries ${definition}`);
    await dropIndexConcurrently(runner, 'deliveries_digest');
  }

  async down(runner: QueryRunner): Promise<void> {
    const digest = `deliveries (organization_id, user_id, due_at) WHERE ${IN_DIGEST}`;
    await createIndexConcurrently(runner, 'deliveries_digest', digest);
    for (const name of Object.keys(INDEXES)) await dropIndexConcurrently(runner, name);
  }
}

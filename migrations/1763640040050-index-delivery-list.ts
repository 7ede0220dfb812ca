import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

/**
 * Lists of deliveries filter by channel too. One index serves all filters: a list looks up each status and channel that
 * it includes.
 */
export class IndexDeliveryList1763640040050 implements MigrationInterface {
  name = 'IndexDeliveryList1763640040050';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const columns = '(organization_id, status, channel, id)';
    await createIndexConcurrently(runner, 'deliveries_status_channel', `deliveries ${columns}`);
    await dropIndexConcurrently(runner, 'deliveries_status');
  }

  async down(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(runner, 'deliveries_status', 'deliveries (organization_id, status, id)');
    await dropIndexConcurrently(runner, 'deliveries_status_channel');
  }
}

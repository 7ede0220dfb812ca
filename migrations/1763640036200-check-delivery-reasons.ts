import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reads all deliveries while they are written. Taking it back leaves the checks, which the migration before drops. */
export class CheckDeliveryReasons1763640036200 implements MigrationInterface {
  name = 'CheckDeliveryReasons1763640036200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_reason_known');
    await runner.query('ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_status_known');
  }

  async down(): Promise<void> {}
}

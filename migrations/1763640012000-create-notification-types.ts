import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls.js';

export class CreateNotificationTypes1763640012000 implements MigrationInterface {
  name = 'CreateNotificationTypes1763640012000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE notification_types (
        organization_id uuid NOT NULL
          CONSTRAINT notification_types_organization_fkey REFERENCES organizations ON DELETE CASCADE,
        name text NOT NULL
          CONSTRAINT notification_types_name_length CHECK (char_length(name) BETWEEN 1 AND 50),
        default_channels jsonb NOT NULL,
        mandatory_channels text[] NOT NULL,
        aggregation_window_seconds integer NOT NULL
          CONSTRAINT notification_types_aggregation_window_seconds_range
          CHECK (aggregation_window_seconds BETWEEN 0 AND 604800),
        retention_days integer NOT NULL
          CONSTRAINT notification_types_retention_days_range CHECK (retention_days BETWEEN 1 AND 3650),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT notification_types_pkey PRIMARY KEY (organization_id, name)
      )`);
    await tenantTable(runner, 'notification_types', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notification_types');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls.js';

export class CreateMessagingRules1763640011000 implements MigrationInterface {
  name = 'CreateMessagingRules1763640011000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE messaging_rules (
        organization_id uuid NOT NULL,
        from_role text NOT NULL,
        to_role text NOT NULL,
        allows text NOT NULL
          CONSTRAINT messaging_rules_allows_known CHECK (allows IN ('initiate', 'reply', 'deny')),
        reply_window_days integer
          CONSTRAINT messaging_rules_reply_window_days_range CHECK (reply_window_days BETWEEN 1 AND 3650),
        CONSTRAINT messaging_rules_pkey PRIMARY KEY (organization_id, from_role, to_role),
        CONSTRAINT messaging_rules_from_role_fkey FOREIGN KEY (organization_id, from_role)
          REFERENCES roles (organization_id, name) ON DELETE CASCADE,
        CONSTRAINT messaging_rules_to_role_fkey FOREIGN KEY (organization_id, to_role)
          REFERENCES roles (organization_id, name) ON DELETE CASCADE,
        CONSTRAINT messaging_rules_window_of_reply CHECK (reply_window_days IS NULL OR allows = 'reply')
      )`);
    await runner.query('CREATE INDEX messaging_rules_to_role ON messaging_rules (organization_id, to_role)');
    await tenantTable(runner, 'messaging_rules', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
    await runner.query(`
      CREATE TABLE messaging_settings (
        organization_id uuid CONSTRAINT messaging_settings_pkey PRIMARY KEY
          CONSTRAINT messaging_settings_organization_fkey REFERENCES organizations ON DELETE CASCADE,
        delete_window_hours integer NOT NULL
          CONSTRAINT messaging_settings_delete_window_hours_range CHECK (delete_window_hours BETWEEN 0 AND 87600)
      )`);
    await tenantTable(runner, 'messaging_settings', { grant: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE messaging_settings, messaging_rules');
  }
}

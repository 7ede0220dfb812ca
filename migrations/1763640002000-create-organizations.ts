import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls.js';

export class CreateOrganizations1763640002000 implements MigrationInterface {
  name = 'CreateOrganizations1763640002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE organizations (
        id uuid CONSTRAINT organizations_pkey PRIMARY KEY,
        name text NOT NULL CONSTRAINT organizations_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    // The platform is an organization without members: its keys and its audit entries live where everybody's do.
    await runner.query(
      `INSERT INTO organizations (id, name) VALUES ('00000000-0000-0000-0000-000000000000', 'Platform')`,
    );
    await tenantTable(runner, 'organizations', { column: 'id', grant: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE organizations');
  }
}

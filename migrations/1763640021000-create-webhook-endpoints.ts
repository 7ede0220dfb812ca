import type { MigrationInterface, QueryRunner } from 'typeorm';
import { orWholeOrganization } from './nil-user.js';
import { alsoRequire, tenantTable } from './rls.js';

export class CreateWebhookEndpoints1763640021000 implements MigrationInterface {
  name = 'CreateWebhookEndpoints1763640021000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE webhook_endpoints (
        organization_id uuid NOT NULL
          CONSTRAINT webhook_endpoints_organization_fkey REFERENCES organizations ON DELETE CASCADE,
        id uuid NOT NULL,
        url text NOT NULL
          CONSTRAINT webhook_endpoints_url_length CHECK (char_length(url) BETWEEN 1 AND 2000),
        types text[],
        secret text NOT NULL,
        previous_secret text,
        previous_secret_until timestamptz,
        disabled_at timestamptz,
        disabled_reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (organization_id, id)
      )`);
    await tenantTable(runner, 'webhook_endpoints', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
    // The secrets in it are no person's business.
    await alsoRequire(runner, 'webhook_endpoints', 'whole_organization', orWholeOrganization('false'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_endpoints');
  }
}

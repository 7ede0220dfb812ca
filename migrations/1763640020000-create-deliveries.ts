import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isOwn, orWholeOrganization } from './nil-user.js';
import { alsoRequire, tenantTable } from './rls.js';

export class CreateDeliveries1763640020000 implements MigrationInterface {
  name = 'CreateDeliveries1763640020000';

  async up(runner: QueryRunner): Promise<void> {
    await createDeliveries(runner);
    await createOrganizationKeys(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE organization_keys, deliveries');
  }
}

/** The target is the endpoint or the subscription; of e-mail, which has one address a person, the person. */
async function createDeliveries(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE deliveries (
      organization_id uuid NOT NULL,
      id uuid NOT NULL,
      notification_id uuid NOT NULL,
      user_id uuid NOT NULL,
      channel text NOT NULL
        CONSTRAINT deliveries_channel_known CHECK (channel IN ('email', 'web_push', 'webhook')),
      target_id uuid NOT NULL,
      digest text CONSTRAINT deliveries_digest_known CHECK (digest IN ('hourly', 'daily')),
      status text NOT NULL DEFAULT 'waiting' CONSTRAINT deliveries_status_known
        CHECK (status IN ('waiting', 'sent', 'failed', 'cancelled')),
      due_at timestamptz NOT NULL,
      attempts integer NOT NULL DEFAULT 0,
      leased_until timestamptz,
      last_error text,
      sent_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT deliveries_pkey PRIMARY KEY (organization_id, id),
      CONSTRAINT deliveries_once UNIQUE (organization_id, notification_id, channel, target_id),
      CONSTRAINT deliveries_notification_fkey FOREIGN KEY (organization_id, notification_id)
        REFERENCES notifications (organization_id, id) ON DELETE CASCADE
    )`);
  await runner.query('CREATE INDEX deliveries_status ON deliveries (organization_id, status, id)');
  await runner.query(`
    CREATE INDEX deliveries_digest ON deliveries (organization_id, user_id, due_at)
      WHERE status = 'waiting' AND digest IS NOT NULL`);
  await tenantTable(runner, 'deliveries', { grant: 'SELECT, INSERT, UPDATE' });
  await alsoRequire(runner, 'deliveries', 'own', isOwn('user_id'));
}

/** What an organization signs with. No person needs to see it, so none can. */
async function createOrganizationKeys(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE organization_keys (
      organization_id uuid NOT NULL
        CONSTRAINT organization_keys_organization_fkey REFERENCES organizations ON DELETE CASCADE,
      purpose text NOT NULL CONSTRAINT organization_keys_purpose_known
        CHECK (purpose IN ('unsubscribe', 'web_push')),
      secret jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT organization_keys_pkey PRIMARY KEY (organization_id, purpose)
    )`);
  await tenantTable(runner, 'organization_keys', { grant: 'SELECT, INSERT' });
  await alsoRequire(runner, 'organization_keys', 'whole_organization', orWholeOrganization('false'));
}

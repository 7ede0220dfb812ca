import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isOwn } from './nil-user.js';
import { alsoRequire, tenantTable } from './rls.js';

export class CreatePushSubscriptions1763640022000 implements MigrationInterface {
  name = 'CreatePushSubscriptions1763640022000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE push_subscriptions (
        organization_id uuid NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        endpoint text NOT NULL
          CONSTRAINT push_subscriptions_endpoint_length CHECK (char_length(endpoint) BETWEEN 1 AND 1000),
        p256dh text NOT NULL,
        auth text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT push_subscriptions_pkey PRIMARY KEY (organization_id, id),
        CONSTRAINT push_subscriptions_endpoint UNIQUE (organization_id, endpoint),
        CONSTRAINT push_subscriptions_member_fkey FOREIGN KEY (organization_id, user_id)
          REFERENCES members (organization_id, user_id) ON DELETE CASCADE
      )`);
    await runner.query(
      'CREATE INDEX push_subscriptions_user ON push_subscriptions (organization_id, user_id)',
    );
    await tenantTable(runner, 'push_subscriptions', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
    await alsoRequire(runner, 'push_subscriptions', 'own', isOwn('user_id'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE push_subscriptions');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isOwn } from './nil-user.js';
import { alsoRequire, tenantTable } from './rls.js';

export class CreateNotifications1763640015000 implements MigrationInterface {
  name = 'CreateNotifications1763640015000';

  async up(runner: QueryRunner): Promise<void> {
    await createFeeds(runner);
    await createNotifications(runner);
    await createRequests(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notification_requests, notifications, feeds');
  }
}

/** A row a person, locked to number their notifications: the order of seq is that of commits. */
async function createFeeds(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE feeds (
      organization_id uuid NOT NULL,
      user_id uuid NOT NULL,
      last_seq bigint NOT NULL,
      CONSTRAINT feeds_pkey PRIMARY KEY (organization_id, user_id),
      CONSTRAINT feeds_member_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES members (organization_id, user_id) ON DELETE CASCADE
    )`);
  await runner.query('ALTER TABLE feeds SET (fillfactor = 70)');
  await tenantTable(runner, 'feeds', { grant: 'SELECT, INSERT, UPDATE' });
  await alsoRequire(runner, 'feeds', 'own', isOwn('user_id'));
}

async function createNotifications(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE notifications (
      organization_id uuid NOT NULL,
      user_id uuid NOT NULL,
      seq bigint NOT NULL,
      id uuid NOT NULL,
      source_id uuid NOT NULL,
      type text NOT NULL CONSTRAINT notifications_type_length CHECK (char_length(type) BETWEEN 1 AND 50),
      title text NOT NULL CONSTRAINT notifications_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
      body text NOT NULL,
      data jsonb NOT NULL DEFAULT '{}',
      action_url text,
      priority text NOT NULL
        CONSTRAINT notifications_priority_known CHECK (priority IN ('normal', 'urgent')),
      actor_id uuid,
      aggregation_id uuid,
      message_seq bigint,
      decisions jsonb NOT NULL,
      suppressed_at timestamptz,
      delivered_via_ws_at timestamptz,
      delivered_via_email_at timestamptz,
      read_at timestamptz,
      archived_at timestamptz,
      deleted_at timestamptz,
      expires_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT notifications_pkey PRIMARY KEY (organization_id, user_id, seq),
      CONSTRAINT notifications_id UNIQUE (organization_id, id),
      CONSTRAINT notifications_once UNIQUE (organization_id, source_id, user_id),
      CONSTRAINT notifications_member_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES members (organization_id, user_id) ON DELETE CASCADE
    )`);
  // All that a count looks at, so that it need not look at the rows.
  await runner.query(`
    CREATE INDEX notifications_unread ON notifications
      (organization_id, user_id, seq, type, actor_id, expires_at)
      WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL`);
  await runner.query(
    'CREATE INDEX notifications_type ON notifications (organization_id, user_id, type, seq)',
  );
  await runner.query(
    'CREATE INDEX notifications_aggregation ON notifications (organization_id, user_id, aggregation_id, seq)',
  );
  await runner.query(
    'CREATE INDEX notifications_created_at ON notifications (organization_id, type, created_at)',
  );
  await tenantTable(runner, 'notifications', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
  await alsoRequire(runner, 'notifications', 'own', isOwn('user_id'));
}

/** What a host product asked for. Services read it back, so it is the organization's and nobody's own. */
async function createRequests(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE notification_requests (
      organization_id uuid NOT NULL
        CONSTRAINT notification_requests_organization_fkey REFERENCES organizations ON DELETE CASCADE,
      id uuid NOT NULL,
      audience jsonb NOT NULL,
      content jsonb NOT NULL,
      status text NOT NULL CONSTRAINT notification_requests_status_known
        CHECK (status IN ('scheduled', 'sending', 'sent', 'retracted')),
      recipients integer,
      notified integer NOT NULL DEFAULT 0,
      expanded_to uuid,
      deliver_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz,
      CONSTRAINT notification_requests_pkey PRIMARY KEY (organization_id, id)
    )`);
  await tenantTable(runner, 'notification_requests', { grant: 'SELECT, INSERT, UPDATE' });
}

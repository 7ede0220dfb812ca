import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isAbout } from './nil-user.js';
import { definerFunction, showOnlyTo, tenantTable } from './rls.js';

export class CreateThreads1763640009000 implements MigrationInterface {
  name = 'CreateThreads1763640009000';

  async up(runner: QueryRunner): Promise<void> {
    await createThreads(runner);
    await createParticipants(runner);
    await protectThreads(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app_groups() CASCADE');
    await runner.query('DROP TABLE participants, threads');
  }
}

async function createThreads(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE threads (
      organization_id uuid NOT NULL
        CONSTRAINT threads_organization_fkey REFERENCES organizations ON DELETE CASCADE,
      id uuid NOT NULL,
      kind text NOT NULL CONSTRAINT threads_kind_known CHECK (kind IN ('direct', 'group')),
      pair_low uuid,
      pair_high uuid,
      subject text CONSTRAINT threads_subject_length CHECK (char_length(subject) BETWEEN 1 AND 100),
      context_type text CONSTRAINT threads_context_type_length CHECK (char_length(context_type) BETWEEN 1 AND 50),
      context_id text CONSTRAINT threads_context_id_length CHECK (char_length(context_id) BETWEEN 1 AND 200),
      context_label text
        CONSTRAINT threads_context_label_length CHECK (char_length(context_label) BETWEEN 1 AND 200),
      participant_count integer NOT NULL,
      last_seq bigint NOT NULL DEFAULT 0,
      last_message_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT threads_pkey PRIMARY KEY (organization_id, id),
      CONSTRAINT threads_pair_of_direct CHECK (
        CASE kind WHEN 'direct' THEN pair_low < pair_high ELSE pair_low IS NULL AND pair_high IS NULL END),
      CONSTRAINT threads_context_whole CHECK ((context_type IS NULL) = (context_id IS NULL))
    )`);
  // One direct thread a pair, for ever: the race of many who start it ends here.
  await runner.query(
    `CREATE UNIQUE INDEX threads_pair ON threads (organization_id, pair_low, pair_high) WHERE kind = 'direct'`,
  );
  await runner.query(
    'CREATE INDEX threads_context ON threads (organization_id, context_type, context_id) WHERE context_type IS NOT NULL',
  );
}

async function createParticipants(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE participants (
      organization_id uuid NOT NULL,
      thread_id uuid NOT NULL,
      user_id uuid NOT NULL,
      partner_id uuid,
      owner_since timestamptz,
      joined_seq bigint NOT NULL DEFAULT 0,
      joined_at timestamptz NOT NULL DEFAULT now(),
      left_at timestamptz,
      newest_seq bigint,
      active_at timestamptz,
      settled bigint NOT NULL DEFAULT 0,
      last_read_seq bigint NOT NULL DEFAULT 0,
      last_read_at timestamptz,
      last_sent_at timestamptz,
      muted_until timestamptz,
      archived_at timestamptz,
      CONSTRAINT participants_pkey PRIMARY KEY (organization_id, thread_id, user_id),
      CONSTRAINT participants_thread_fkey FOREIGN KEY (organization_id, thread_id)
        REFERENCES threads (organization_id, id) ON DELETE CASCADE,
      CONSTRAINT participants_member_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES members (organization_id, user_id) ON DELETE CASCADE,
      CONSTRAINT participants_kept_whole CHECK ((newest_seq IS NULL) = (active_at IS NULL)),
      CONSTRAINT participants_settled_known CHECK (settled BETWEEN 0 AND coalesce(newest_seq, settled))
    )`);
  await runner.query(
    'CREATE INDEX participants_active ON participants (organization_id, user_id, active_at, thread_id)',
  );
  await runner.query(
    'CREATE INDEX participants_unread ON participants (organization_id, user_id, active_at, thread_id) WHERE newest_seq > settled',
  );
  await runner.query(
    'CREATE INDEX participants_groups ON participants (organization_id, user_id, thread_id) WHERE partner_id IS NULL',
  );
  // Changed by every message: room on the page keeps the versions of a row together.
  await runner.query('ALTER TABLE participants SET (fillfactor = 80)');
  await runner.query('ALTER TABLE threads SET (fillfactor = 80)');
}

/** Beside the tenant, participation: a query without a WHERE clause shows a person their own threads only. */
async function protectThreads(runner: QueryRunner): Promise<void> {
  await tenantTable(runner, 'threads', { grant: 'SELECT, INSERT' });
  await tenantTable(runner, 'participants', { grant: 'SELECT, INSERT' });
  // A policy of participants that read participants would recurse without end.
  await definerFunction(
    runner,
    'participants',
    'app_groups() RETURNS SETOF uuid ROWS 20',
    `SELECT thread_id FROM participants
     WHERE organization_id = app_organization() AND user_id = app_user() AND partner_id IS NULL`,
  );
  // Only for others in groups is the function called, and then once a statement.
  await showOnlyTo(
    runner,
    'participants',
    isAbout(['user_id', 'partner_id'], 'thread_id IN (SELECT app_groups())'),
    `owner_since, joined_seq, joined_at, left_at, newest_seq, active_at, settled, last_read_seq, last_read_at,
     last_sent_at, muted_until, archived_at`,
  );
  await showOnlyTo(
    runner,
    'threads',
    isAbout(['pair_low', 'pair_high'], 'id IN (SELECT app_groups())'),
    'subject, participant_count, last_seq, last_message_at, updated_at',
  );
}

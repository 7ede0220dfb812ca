import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alsoRequire, forceRowSecurity, orWholeOrganization, ownPart, tenantTable } from './rls.js';

/** One partition for each week, used again after 4 weeks: empty_change_slot() empties it before. */
const SLOTS = 4;

const SLOT_OF_NOW = `floor(extract(epoch FROM clock_timestamp()) / 604800)::integer % ${SLOTS}`;

interface LogTrigger {
  table: string;
  name: string;
  event: string;
  when?: string;
  /** The function of an earlier trigger that logs the same. */
  calls?: string;
  /** The values of kind, thread_id, user_id, about_id and seq. */
  logs: string;
}

const whenChanged = (...columns: string[]) => ({
  event: `UPDATE OF ${columns.join(', ')}`,
  when: `WHEN ((${columns.map((column) => `OLD.${column}`).join(', ')}) IS DISTINCT FROM
    (${columns.map((column) => `NEW.${column}`).join(', ')}))`,
});

const A_MESSAGE = `'message', NEW.thread_id, NULL, NULL, NEW.seq`;
const A_PARTICIPANT = `'thread', NEW.thread_id, NULL, NEW.user_id, NULL`;

/** A row with a user_id concerns this person only. about_id is whom it is about: who has read, joined or is blocked. */
const TRIGGERS: LogTrigger[] = [
  { table: 'messages', name: 'log_message', event: 'INSERT', logs: A_MESSAGE },
  {
    table: 'messages',
    name: 'log_edit',
    calls: 'log_message',
    ...whenChanged('content'),
    logs: A_MESSAGE,
  },
  {
    table: 'messages',
    name: 'log_deletion',
    ...whenChanged('deleted_at', 'sender_id'),
    logs: `'deletion', NEW.thread_id, NULL, NULL, NEW.seq`,
  },
  {
    table: 'hidden_messages',
    name: 'log_hidden_message',
    event: 'INSERT',
    logs: `'message', NEW.thread_id, NEW.user_id, NULL, NEW.seq`,
  },
  { table: 'participants', name: 'log_participant', event: 'INSERT', logs: A_PARTICIPANT },
  {
    table: 'participants',
    name: 'log_changed_participant',
    calls: 'log_participant',
    ...whenChanged('joined_seq', 'left_at', 'owner_since'),
    logs: A_PARTICIPANT,
  },
  {
    table: 'participants',
    name: 'log_own_settings',
    ...whenChanged('muted_until', 'archived_at', 'hidden_at'),
    logs: `'thread', NEW.thread_id, NEW.user_id, NULL, NULL`,
  },
  {
    table: 'participants',
    name: 'log_read',
    ...whenChanged('last_read_seq'),
    logs: `'read', NEW.thread_id, NULL, NEW.user_id, NEW.last_read_seq`,
  },
  {
    table: 'threads',
    name: 'log_subject',
    ...whenChanged('subject'),
    logs: `'thread', NEW.id, NULL, NULL, NULL`,
  },
  {
    table: 'blocks',
    name: 'log_block',
    event: 'INSERT OR DELETE',
    logs: `'block', NULL, coalesce(NEW.blocker_id, OLD.blocker_id), coalesce(NEW.blocked_id, OLD.blocked_id), NULL`,
  },
  {
    table: 'notifications',
    name: 'log_changed_notification',
    ...whenChanged('read_at', 'archived_at', 'deleted_at', 'body'),
    logs: `'notification', NULL, NEW.user_id, NULL, NEW.seq`,
  },
  {
    table: 'member_preferences',
    name: 'log_preferences',
    event: 'INSERT OR UPDATE',
    logs: `'preferences', NULL, NEW.user_id, NULL, NULL`,
  },
  {
    table: 'organization_preferences',
    name: 'log_organization_preferences',
    event: 'INSERT OR UPDATE',
    logs: `'preferences', NULL, NULL, NULL, NULL`,
  },
  {
    table: 'members',
    name: 'log_member',
    ...whenChanged('username', 'display_name', 'share_read_receipts', 'removed_at'),
    logs: `'member', NULL, NULL, NEW.user_id, NULL`,
  },
];

/**
 * The log of what changed for clients: where, not what. Triggers write it in the transaction of the change, so that no
 * statement can forget it. The xid shows what a reader has not seen yet, however commits overtake each other.
 */
export class LogChanges1763640050000 implements MigrationInterface {
  name = 'LogChanges1763640050000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE changes (
        organization_id uuid NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        slot smallint NOT NULL DEFAULT (${SLOT_OF_NOW}),
        kind text NOT NULL,
        thread_id uuid,
        user_id uuid,
        about_id uuid,
        seq bigint
      ) PARTITION BY LIST (slot)`);
    for (let slot = 0; slot < SLOTS; slot++) {
      await runner.query(`CREATE TABLE changes_${slot} PARTITION OF changes FOR VALUES IN (${slot})`);
      await forceRowSecurity(runner, `changes_${slot}`);
    }
    await runner.query('CREATE INDEX changes_order ON changes (organization_id, xid)');
    await runner.query(
      'CREATE INDEX changes_of_thread ON changes (organization_id, thread_id, xid) WHERE thread_id IS NOT NULL',
    );
    await runner.query(
      'CREATE INDEX changes_of_person ON changes (organization_id, user_id, xid) WHERE user_id IS NOT NULL',
    );
    await runner.query(
      'CREATE INDEX changes_of_everybody ON changes (organization_id, xid) WHERE thread_id IS NULL AND user_id IS NULL',
    );
    await secure(runner);
    for (const { name, event, logs } of TRIGGERS.filter(({ calls }) => !calls)) {
      await runner.query(`
        CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (${event.includes('DELETE') ? 'coalesce(NEW.organization_id, OLD.organization_id)' : 'NEW.organization_id'}, ${logs});
          RETURN NULL;
        END $$`);
      await runner.query(`REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC`);
    }
    for (const { table, name, event, when = '', calls = name } of TRIGGERS) {
      await runner.query(
        `CREATE TRIGGER ${name} AFTER ${event} ON ${table} FOR EACH ROW ${when}
           EXECUTE FUNCTION ${calls}()`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { table, name } of TRIGGERS) await runner.query(`DROP TRIGGER ${name} ON ${table}`);
    for (const { name, calls } of TRIGGERS) if (!calls) await runner.query(`DROP FUNCTION ${name}()`);
    await runner.query('DROP FUNCTION empty_change_slot()');
    await runner.query('DROP TABLE changes');
  }
}

/**
 * People see what concerns them: their own rows, those of threads they are or were in, and what concerns all members. Triggers write as the role
 * that makes the change. Only the function empties partitions; it looks at the clock once it holds the lock, so that a
 * partition in use is never emptied when the week changes.
 */
async function secure(runner: QueryRunner): Promise<void> {
  await tenantTable(runner, 'changes', { grant: 'SELECT, INSERT' });
  const isMember = `EXISTS (
    SELECT FROM members WHERE members.organization_id = changes.organization_id
      AND members.user_id = (SELECT app_user()) AND members.removed_at IS NULL OFFSET 0)`;
  const isIn = ownPart(
    'participants.organization_id = changes.organization_id AND participants.thread_id = changes.thread_id',
  );
  await alsoRequire(
    runner,
    'changes',
    'concerned',
    orWholeOrganization(
      `CASE WHEN user_id IS NOT NULL THEN user_id = (SELECT app_user())
            WHEN thread_id IS NOT NULL THEN ${isIn} ELSE ${isMember} END`,
    ),
    'SELECT',
  );
  await runner.query('CREATE POLICY logged ON changes FOR INSERT TO tidings_owner WITH CHECK (true)');
  await runner.query(`
    CREATE FUNCTION empty_change_slot() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = tidings, pg_temp SET lock_timeout = '300ms' AS $$
    DECLARE
      slot integer := (${SLOT_OF_NOW} + 1) % ${SLOTS};
    BEGIN
      EXECUTE format('LOCK TABLE changes_%s IN ACCESS EXCLUSIVE MODE', slot);
      IF slot <> (${SLOT_OF_NOW} + 1) % ${SLOTS} THEN
        RETURN false;
      END IF;
      EXECUTE format('TRUNCATE changes_%s', slot);
      RETURN true;
    END $$`);
  await runner.query('REVOKE ALL ON FUNCTION empty_change_slot() FROM PUBLIC');
  await runner.query('GRANT EXECUTE ON FUNCTION empty_change_slot() TO tidings_relay');
}

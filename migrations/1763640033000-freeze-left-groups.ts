import type { MigrationInterface, QueryRunner } from 'typeorm';
import { orWholeOrganization } from './nil-user.js';
import { alsoRequire, ownPart, tenantTable } from './rls.js';

/**
 * What a former participant sees of a group stays as it was when they left, and can be removed from their list. Adds
 * columns with constant defaults and replaces policies: no table is read or rewritten under the locks.
 */
export class FreezeLeftGroups1763640033000 implements MigrationInterface {
  name = 'FreezeLeftGroups1763640033000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE threads ADD COLUMN subject_version integer NOT NULL DEFAULT 0');
    await runner.query(`
      ALTER TABLE participants
        ADD COLUMN left_count integer,
        ADD COLUMN left_version integer NOT NULL DEFAULT 0,
        ADD COLUMN earlier_stays tstzmultirange NOT NULL DEFAULT '{}',
        ADD COLUMN hidden_at timestamptz`);
    await runner.query(
      'GRANT UPDATE (left_count, left_version, earlier_stays, hidden_at) ON participants TO tidings_request',
    );
    await createSubjects(runner);
    await showThreads(runner, 'AND participants.hidden_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await showThreads(runner, '');
    await runner.query('DROP FUNCTION keep_subject() CASCADE');
    await runner.query('DROP TABLE thread_subjects');
    await runner.query(`
      ALTER TABLE participants DROP COLUMN left_count, DROP COLUMN left_version, DROP COLUMN earlier_stays,
        DROP COLUMN hidden_at`);
    await runner.query('ALTER TABLE threads DROP COLUMN subject_version');
  }
}

/**
 * Every subject that a group has had, from its first rename on. Only a trigger writes it, so that no rename is
 * missing and none is in the name of somebody else. No foreign key on changed_by: a rename by somebody who is
 * deleted stays one of theirs, and so hidden from who blocks them.
 */
async function createSubjects(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE thread_subjects (
      organization_id uuid NOT NULL,
      thread_id uuid NOT NULL,
      version integer NOT NULL,
      subject text,
      changed_by uuid,
      changed_at timestamptz NOT NULL,
      CONSTRAINT thread_subjects_pkey PRIMARY KEY (organization_id, thread_id, version),
      CONSTRAINT thread_subjects_thread_fkey FOREIGN KEY (organization_id, thread_id)
        REFERENCES threads (organization_id, id) ON DELETE CASCADE
    )`);
  await tenantTable(runner, 'thread_subjects', { grant: 'SELECT' });
  await alsoRequire(
    runner,
    'thread_subjects',
    'participation',
    orWholeOrganization(
      ownPart(`${inThread('thread_subjects')} AND participants.hidden_at IS NULL
               AND (participants.left_at IS NULL OR thread_subjects.version <= participants.left_version)`),
    ),
    'SELECT',
  );
  await runner.query(`
    CREATE POLICY kept_by_trigger ON thread_subjects FOR INSERT TO tidings_owner
      WITH CHECK (organization_id = app_organization())`);
  await runner.query(`
    CREATE FUNCTION keep_subject() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = tidings, pg_temp AS $function$
    BEGIN
      IF OLD.subject_version = 0 THEN
        INSERT INTO thread_subjects (organization_id, thread_id, version, subject, changed_at)
        VALUES (OLD.organization_id, OLD.id, 0, OLD.subject, OLD.created_at);
      END IF;
      NEW.subject_version := OLD.subject_version + 1;
      INSERT INTO thread_subjects (organization_id, thread_id, version, subject, changed_by, changed_at)
      VALUES (NEW.organization_id, NEW.id, NEW.subject_version, NEW.subject, app_user(), clock_timestamp());
      RETURN NEW;
    END $function$`);
  await runner.query('REVOKE ALL ON FUNCTION keep_subject() FROM PUBLIC');
  await runner.query(`
    CREATE TRIGGER keep_subject BEFORE UPDATE OF subject ON threads
    FOR EACH ROW WHEN (OLD.subject IS DISTINCT FROM NEW.subject) EXECUTE FUNCTION keep_subject()`);
}

const inThread = (table: string): string =>
  `participants.organization_id = ${table}.organization_id AND participants.thread_id = ${table}.thread_id`;

/** The policies and the function that decide whose threads, messages and read marks somebody sees. */
async function showThreads(runner: QueryRunner, listed: string): Promise<void> {
  await runner.query(`
    CREATE OR REPLACE FUNCTION app_groups() RETURNS SETOF uuid ROWS 20 LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
      SELECT thread_id FROM participants
      WHERE organization_id = app_organization() AND user_id = app_user() AND partner_id IS NULL ${listed};
    END`);
  const maySee = orWholeOrganization(
    ownPart(`${inThread('messages')} ${listed} AND messages.seq > participants.joined_seq
             AND (participants.left_at IS NULL OR messages.seq <= participants.newest_seq)`),
  );
  for (const policy of ['participation', 'participation_changed']) {
    await runner.query(`ALTER POLICY ${policy} ON messages USING (${maySee})`);
  }
  const mayRead = orWholeOrganization(ownPart(`${inThread('read_marks')} ${listed}`));
  await runner.query(`ALTER POLICY participation ON read_marks USING (${mayRead})`);
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who is removed from an organization, or deleted, leaves all groups in the same transaction. The function runs as
 * the owner of the tables, since whoever removes a member need not be in their groups; policies admit it to the
 * rows of the organization that it is called for.
 */
export class LeaveGroupsOnRemoval1763640033001 implements MigrationInterface {
  name = 'LeaveGroupsOnRemoval1763640033001';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, command, policy] of POLICIES) {
      await runner.query(`
        CREATE POLICY ${policy} ON ${table} FOR ${command} TO tidings_owner
          USING (organization_id = app_organization())`);
    }
    // Until the repair that comes next has gone through them.
    await runner.query(
      'CREATE POLICY listed_by_repair ON organizations FOR SELECT TO tidings_owner USING (true)',
    );
    await createFunction(runner);
    await createTriggers(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION leave_groups_on_removal() CASCADE');
    await runner.query('DROP FUNCTION leave_groups(uuid, uuid)');
    await runner.query('DROP POLICY IF EXISTS listed_by_repair ON organizations');
    for (const [table, , policy] of POLICIES) await runner.query(`DROP POLICY ${policy} ON ${table}`);
  }
}

const POLICIES = [
  ['threads', 'UPDATE', 'left_by_function'],
  ['participants', 'UPDATE', 'left_by_function'],
  ['members', 'SELECT', 'asked_by_function'],
];

async function createFunction(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION leave_groups(organization uuid, person uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = tidings, pg_temp AS $function$${leaveGroups()}
    END $function$`);
  await runner.query('REVOKE ALL ON FUNCTION leave_groups(uuid, uuid) FROM PUBLIC');
}

/**
 * The body of the function without its END. Does for all groups of a person what leave() of participants.repository.ts
 * does for one. Locks in the order of every request: what the person sends, the threads by id, then participants by
 * thread and person; and looks again for the groups once it has the threads, since the person may have left one
 * meanwhile.
 */
export const leaveGroups = (limit = ''): string => `
    DECLARE
      caller text := coalesce(current_setting('tidings.organization_id', true), '');
      groups uuid[];
      owned uuid[];
      heirs uuid[];
      moment timestamptz;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(organization || ' sends of ' || person, 0));
      PERFORM set_config('tidings.organization_id', organization::text, true);
      groups := ARRAY(
        SELECT thread_id FROM participants
        WHERE organization_id = organization AND user_id = person AND partner_id IS NULL AND left_at IS NULL${limit});
      PERFORM FROM threads WHERE organization_id = organization AND id = ANY (groups)
        ORDER BY id FOR NO KEY UPDATE;
      groups := ARRAY(
        SELECT thread_id FROM participants
        WHERE organization_id = organization AND user_id = person AND partner_id IS NULL AND left_at IS NULL
          AND thread_id = ANY (groups));
      moment := clock_timestamp();
      SELECT array_agg(mine.thread_id), array_agg(heir.user_id) INTO owned, heirs
      FROM participants AS mine
      CROSS JOIN LATERAL (
        SELECT other.user_id FROM participants AS other
        JOIN members ON members.organization_id = organization AND members.user_id = other.user_id
        WHERE other.organization_id = organization AND other.thread_id = mine.thread_id
          AND other.user_id <> person AND other.left_at IS NULL AND members.removed_at IS NULL
        ORDER BY other.joined_at, other.user_id LIMIT 1) AS heir
      WHERE mine.organization_id = organization AND mine.user_id = person AND mine.thread_id = ANY (groups)
        AND mine.owner_since IS NOT NULL;
      PERFORM FROM participants
        WHERE organization_id = organization AND thread_id = ANY (groups)
          AND (user_id = person OR user_id = ANY (heirs))
        ORDER BY thread_id, user_id FOR NO KEY UPDATE;
      UPDATE participants AS mine
      SET left_at = moment, newest_seq = threads.last_seq,
          active_at = coalesce(threads.last_message_at, threads.created_at), owner_since = NULL,
          left_count = threads.participant_count, left_version = threads.subject_version
      FROM threads
      WHERE mine.organization_id = organization AND mine.user_id = person AND mine.thread_id = ANY (groups)
        AND threads.organization_id = organization AND threads.id = mine.thread_id;
      UPDATE threads SET participant_count = participant_count - 1, updated_at = moment
      WHERE organization_id = organization AND id = ANY (groups);
      UPDATE participants AS heir SET owner_since = moment
      FROM unnest(owned, heirs) AS next (thread_id, user_id)
      WHERE heir.organization_id = organization AND heir.thread_id = next.thread_id
        AND heir.user_id = next.user_id;
      PERFORM set_config('tidings.organization_id', caller, true);`;

/** Before a row is deleted, which takes the rows of the participant with it, and after a member is removed. */
async function createTriggers(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION leave_groups_on_removal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = tidings, pg_temp AS $function$
    BEGIN
      PERFORM leave_groups(OLD.organization_id, OLD.user_id);
      RETURN OLD;
    END $function$`);
  await runner.query('REVOKE ALL ON FUNCTION leave_groups_on_removal() FROM PUBLIC');
  await runner.query(`
    CREATE TRIGGER leave_groups_when_removed AFTER UPDATE OF removed_at ON members
    FOR EACH ROW WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL)
    EXECUTE FUNCTION leave_groups_on_removal()`);
  await runner.query(`
    CREATE TRIGGER leave_groups_when_deleted BEFORE DELETE ON members
    FOR EACH ROW EXECUTE FUNCTION leave_groups_on_removal()`);
}

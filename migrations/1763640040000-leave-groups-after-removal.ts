import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEAVE_GROUPS_IN_CHUNKS } from './1763640039000-leave-groups-in-chunks.js';

/**
 * A membership ends at once, and the person leaves the groups beyond the first 500 afterwards, in the background.
 * Those are removed from their list as well: if they become a member again, nothing that was written between the
 * removal and the leaving is shown to them. A row that is deleted still leaves all groups in its own statement.
 */
export class LeaveGroupsAfterRemoval1763640040000 implements MigrationInterface {
  name = 'LeaveGroupsAfterRemoval1763640040000';

  async up(runner: QueryRunner): Promise<void> {
    await replaceLeaveGroups(runner, LEAVE_GROUPS);
    await replaceTrigger(runner, `, CASE TG_OP WHEN 'UPDATE' THEN 500 END`);
    await runner.query(`
      CREATE FUNCTION app_is_leaving(person uuid) RETURNS boolean STABLE LANGUAGE sql SECURITY DEFINER
      SET search_path = tidings, pg_temp
      BEGIN ATOMIC
        SELECT EXISTS (SELECT FROM members
                       WHERE organization_id = app_organization() AND user_id = person AND removed_at IS NOT NULL)
          AND EXISTS (SELECT FROM participants
                      WHERE organization_id = app_organization() AND user_id = person AND partner_id IS NULL
                        AND left_at IS NULL);
      END`);
    await runner.query('REVOKE ALL ON FUNCTION app_is_leaving(uuid) FROM PUBLIC');
    await runner.query('GRANT EXECUTE ON FUNCTION app_is_leaving(uuid) TO tidings_request');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app_is_leaving(uuid)');
    await replaceTrigger(runner, '');
    await replaceLeaveGroups(runner, LEAVE_GROUPS_IN_CHUNKS);
  }
}

/** Keeps the signature and the rights. */
const replaceLeaveGroups = (runner: QueryRunner, body: string): Promise<unknown> =>
  runner.query(`
    CREATE OR REPLACE FUNCTION leave_groups(organization uuid, person uuid, most integer DEFAULT NULL)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidings, pg_temp AS $function$${body}$function$`);

const replaceTrigger = (runner: QueryRunner, limit: string): Promise<unknown> =>
  runner.query(`
    CREATE OR REPLACE FUNCTION leave_groups_on_removal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = tidings, pg_temp AS $function$
    BEGIN
      PERFORM leave_groups(OLD.organization_id, OLD.user_id${limit});
      RETURN OLD;
    END $function$`);

/**
 * As before, except for two things. A group that is left in a later transaction than the removal is hidden from the
 * person, and counts as read to its end. If somebody owns a group beside the person, because a moderator gave it to
 * them meanwhile, they remain its owner.
 */
const LEAVE_GROUPS = `
    DECLARE
      caller text := coalesce(current_setting('tidings.organization_id', true), '');
      groups uuid[];
      owned uuid[];
      heirs uuid[];
      moment timestamptz;
      is_late boolean;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(organization || ' sends of ' || person, 0));
      PERFORM set_config('tidings.organization_id', organization::text, true);
      is_late := (SELECT removed_at < now() FROM members WHERE organization_id = organization AND user_id = person);
      groups := ARRAY(
        SELECT thread_id FROM participants
        WHERE organization_id = organization AND user_id = person AND partner_id IS NULL AND left_at IS NULL ORDER BY thread_id LIMIT most);
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
        ORDER BY other.owner_since, other.joined_at, other.user_id LIMIT 1) AS heir
      WHERE mine.organization_id = organization AND mine.user_id = person AND mine.thread_id = ANY (groups)
        AND mine.owner_since IS NOT NULL;
      PERFORM FROM participants
        WHERE organization_id = organization AND thread_id = ANY (groups)
          AND (user_id = person OR user_id = ANY (heirs))
        ORDER BY thread_id, user_id FOR NO KEY UPDATE;
      UPDATE participants AS mine
      SET left_at = moment, newest_seq = threads.last_seq,
          active_at = coalesce(threads.last_message_at, threads.created_at), owner_since = NULL,
          left_count = threads.participant_count, left_version = threads.subject_version,
          hidden_at = CASE WHEN is_late THEN moment ELSE mine.hidden_at END,
          settled = CASE WHEN is_late THEN threads.last_seq ELSE mine.settled END,
          last_read_seq = CASE WHEN is_late THEN threads.last_seq ELSE mine.last_read_seq END
      FROM threads
      WHERE mine.organization_id = organization AND mine.user_id = person AND mine.thread_id = ANY (groups)
        AND threads.organization_id = organization AND threads.id = mine.thread_id;
      UPDATE threads SET participant_count = participant_count - 1, updated_at = moment
      WHERE organization_id = organization AND id = ANY (groups);
      UPDATE participants AS heir SET owner_since = moment
      FROM unnest(owned, heirs) AS next (thread_id, user_id)
      WHERE heir.organization_id = organization AND heir.thread_id = next.thread_id
        AND heir.user_id = next.user_id;
      PERFORM set_config('tidings.organization_id', caller, true);
      RETURN EXISTS (
        SELECT FROM participants
        WHERE organization_id = organization AND user_id = person AND partner_id IS NULL AND left_at IS NULL);
    END `;

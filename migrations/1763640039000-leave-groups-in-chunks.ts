import type { MigrationInterface, QueryRunner } from 'typeorm';
import { leaveGroups } from './1763640033001-leave-groups-on-removal.js';

export const LEAVE_GROUPS_IN_CHUNKS = `${leaveGroups(' ORDER BY thread_id LIMIT most')}
      RETURN EXISTS (
        SELECT FROM participants
        WHERE organization_id = organization AND user_id = person AND partner_id IS NULL AND left_at IS NULL);
      END `;

/**
 * A person leaves at most so many groups at once: one statement for somebody in tens of thousands would exceed its time
 * limit, and the person could never be removed. Returns whether there are more. Triggers still call it without a limit,
 * so that no removed member stays in a group.
 */
export class LeaveGroupsInChunks1763640039000 implements MigrationInterface {
  name = 'LeaveGroupsInChunks1763640039000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION leave_groups(uuid, uuid)');
    await definerFunction(
      runner,
      'leave_groups(organization uuid, person uuid, most integer DEFAULT NULL)',
      `boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidings, pg_temp AS $function$${LEAVE_GROUPS_IN_CHUNKS}$function$`,
    );
    await definerFunction(
      runner,
      'app_leave_groups(person uuid, most integer)',
      `boolean LANGUAGE sql SECURITY DEFINER SET search_path = tidings, pg_temp
       BEGIN ATOMIC SELECT leave_groups(app_organization(), person, most) WHERE app_organization_wide(); END`,
    );
    await runner.query('GRANT EXECUTE ON FUNCTION app_leave_groups(uuid, integer) TO tidings_request');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app_leave_groups(uuid, integer)');
    await runner.query('DROP FUNCTION leave_groups(uuid, uuid, integer)');
    await definerFunction(
      runner,
      'leave_groups(organization uuid, person uuid)',
      `void LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidings, pg_temp AS $function$${leaveGroups()}
      END $function$`,
    );
  }
}

async function definerFunction(runner: QueryRunner, signature: string, definition: string): Promise<void> {
  await runner.query(`CREATE FUNCTION ${signature} RETURNS ${definition}`);
  await runner.query(`REVOKE ALL ON FUNCTION ${signature.replace(/ DEFAULT \w+/, '')} FROM PUBLIC`);
}

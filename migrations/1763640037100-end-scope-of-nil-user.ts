import type { MigrationInterface, QueryRunner } from 'typeorm';
import { IS_WIDE } from './nil-user.js';

/**
 * The nil UUID is nobody from here on: only the setting tidings.scope shows all rows of an organization. Servers and
 * workers of the version before set the nil UUID instead, and see nothing then.
 */
export class EndScopeOfNilUser1763640037100 implements MigrationInterface {
  name = 'EndScopeOfNilUser1763640037100';

  async up(runner: QueryRunner): Promise<void> {
    await replaceFunction(runner, `coalesce(current_setting('tidings.scope', true) = 'organization', false)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceFunction(
      runner,
      `coalesce(current_setting('tidings.scope', true) = 'organization' OR ${IS_WIDE}, false)`,
    );
  }
}

const replaceFunction = (runner: QueryRunner, condition: string): Promise<unknown> =>
  runner.query(`
    CREATE OR REPLACE FUNCTION app_organization_wide() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
      RETURN ${condition}`);

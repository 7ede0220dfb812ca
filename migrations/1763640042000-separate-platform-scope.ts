import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Policies and functions recognize the platform by the setting tidings.scope, and no longer by the id of its
 * organization, which is an organization like any other from here on.
 */
export class SeparatePlatformScope1763640042000 implements MigrationInterface {
  name = 'SeparatePlatformScope1763640042000';

  async up(runner: QueryRunner): Promise<void> {
    await replaceFunction(runner, `coalesce(current_setting('tidings.scope', true) = 'platform', false)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceFunction(runner, `app_organization() = '00000000-0000-0000-0000-000000000000'`);
  }
}

const replaceFunction = (runner: QueryRunner, condition: string): Promise<unknown> =>
  runner.query(`
    CREATE OR REPLACE FUNCTION app_is_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
      RETURN ${condition}`);

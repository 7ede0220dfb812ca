import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateTenancyFunctions1763640001000 implements MigrationInterface {
  name = 'CreateTenancyFunctions1763640001000';

  // A setting that was never set is null, one that was set in an earlier transaction of the session is ''.
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION app_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
        RETURN nullif(current_setting('tidings.organization_id', true), '')::uuid`);
    await runner.query(`
      CREATE FUNCTION app_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
        RETURN nullif(current_setting('tidings.user_id', true), '')::uuid`);
    await runner.query(`
      CREATE FUNCTION app_is_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
        RETURN app_organization() = '00000000-0000-0000-0000-000000000000'`);
    // The server looks before it serves whether its schema is the one that it knows.
    await runner.query('GRANT SELECT ON migrations TO tidings_request');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('REVOKE SELECT ON migrations FROM tidings_request');
    await runner.query('DROP FUNCTION app_is_platform, app_user, app_organization');
  }
}

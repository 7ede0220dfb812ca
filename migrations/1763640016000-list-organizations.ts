import type { MigrationInterface, QueryRunner } from 'typeorm';
import { relayTable } from './rls.js';

/** So that the worker can clear out in each, as one that works for it. More than their ids is not for the relay. */
export class ListOrganizations1763640016000 implements MigrationInterface {
  name = 'ListOrganizations1763640016000';

  async up(runner: QueryRunner): Promise<void> {
    await relayTable(runner, 'organizations', 'SELECT (id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('REVOKE SELECT (id) ON organizations FROM tidings_relay');
    await runner.query('DROP POLICY relay ON organizations');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isOwn } from './nil-user.js';
import { alsoRequire, definerFunction, tenantTable } from './rls.js';

export class CreateBlocks1763640008000 implements MigrationInterface {
  name = 'CreateBlocks1763640008000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE blocks (
        organization_id uuid NOT NULL,
        blocker_id uuid NOT NULL,
        blocked_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT blocks_pkey PRIMARY KEY (organization_id, blocker_id, blocked_id),
        CONSTRAINT blocks_blocker_fkey FOREIGN KEY (organization_id, blocker_id)
          REFERENCES members (organization_id, user_id) ON DELETE CASCADE,
        CONSTRAINT blocks_blocked_fkey FOREIGN KEY (organization_id, blocked_id)
          REFERENCES members (organization_id, user_id) ON DELETE CASCADE,
        CONSTRAINT blocks_of_others CHECK (blocker_id <> blocked_id)
      )`);
    await runner.query('CREATE INDEX blocks_blocked ON blocks (organization_id, blocked_id)');
    await tenantTable(runner, 'blocks', { grant: 'SELECT, INSERT, DELETE' });
    await alsoRequire(runner, 'blocks', 'own', isOwn('blocker_id'));
    // Whom a block keeps out cannot see it, and yet their message must be refused.
    await definerFunction(
      runner,
      'blocks',
      'app_blockers() RETURNS SETOF uuid ROWS 5',
      'SELECT blocker_id FROM blocks WHERE organization_id = app_organization() AND blocked_id = app_user()',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION app_blockers()');
    await runner.query('DROP TABLE blocks');
  }
}

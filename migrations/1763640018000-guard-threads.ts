import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isOwn, orWholeOrganization } from './nil-user.js';
import { alsoRequire, definerFunction } from './rls.js';

/** Nobody gets into a thread by naming themselves in it, nor puts words into the mouth of somebody else. */
export class GuardThreads1763640018000 implements MigrationInterface {
  name = 'GuardThreads1763640018000';

  async up(runner: QueryRunner): Promise<void> {
    await admitToThreads(runner);
    await runner.query(`
      CREATE POLICY own_change ON messages AS RESTRICTIVE FOR UPDATE TO tidings_request
        USING (${isOwn('sender_id')}) WITH CHECK (true)`);
    await alsoRequire(
      runner,
      'message_versions',
      'own_change',
      `EXISTS (SELECT FROM messages
               WHERE messages.organization_id = message_versions.organization_id
                 AND messages.id = message_versions.message_id AND ${isOwn('messages.sender_id')}
               OFFSET 0)`,
      'INSERT',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY own_change ON message_versions');
    await runner.query('DROP POLICY own_change ON messages');
    await runner.query('DROP POLICY admission ON participants');
    await runner.query('DROP FUNCTION app_admits(uuid, uuid, uuid)');
    await runner.query('DROP POLICY asked_by_function ON threads');
  }
}

/**
 * Into a direct thread come its two, by one of them; into a group whoever somebody adds who is in it, and those
 * with whom it is made, in the transaction that makes it.
 */
async function admitToThreads(runner: QueryRunner): Promise<void> {
  await definerFunction(
    runner,
    'threads',
    'app_admits(thread uuid, person uuid, partner uuid) RETURNS boolean',
    `SELECT EXISTS (
       SELECT FROM threads WHERE organization_id = app_organization() AND id = thread AND CASE kind
         WHEN 'direct' THEN app_user() IN (pair_low, pair_high)
           AND pair_low = least(person, partner) AND pair_high = greatest(person, partner)
         ELSE partner IS NULL AND (xmin = pg_current_xact_id()::xid OR EXISTS (
           SELECT FROM participants
           WHERE organization_id = app_organization() AND thread_id = thread AND user_id = app_user()
             AND left_at IS NULL)) END)`,
  );
  await alsoRequire(
    runner,
    'participants',
    'admission',
    orWholeOrganization('app_admits(thread_id, user_id, partner_id)'),
    'INSERT',
  );
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

const UNREAD_INDEX = 'organization_id, user_id, active_at, thread_id';

/**
 * How many direct threads somebody has, and what is unread in them, is told without reading each. While they are
 * counted nobody sends: a thread that is made meanwhile would be counted by nobody.
 */
export class CountDirectThreads1763640026000 implements MigrationInterface {
  name = 'CountDirectThreads1763640026000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE members ADD COLUMN direct_threads integer NOT NULL DEFAULT 0');
    await runner.query(`
      CREATE FUNCTION count_direct_thread() RETURNS trigger LANGUAGE plpgsql AS $function$
      BEGIN
        UPDATE tidings.members SET direct_threads = direct_threads + 1
        WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id;
        RETURN NULL;
      END $function$`);
    await runner.query(`
      CREATE TRIGGER count_direct_thread AFTER INSERT ON participants
      FOR EACH ROW WHEN (NEW.partner_id IS NOT NULL) EXECUTE FUNCTION count_direct_thread()`);
    await count(runner);
    await replaceUnreadIndex(runner, `${UNREAD_INDEX}, partner_id, newest_seq, settled`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceUnreadIndex(runner, UNREAD_INDEX);
    await runner.query('DROP FUNCTION count_direct_thread() CASCADE');
    await runner.query('ALTER TABLE members DROP COLUMN direct_threads');
  }
}

/** Also the owner is held to the policies, and there is none for it. */
async function count(runner: QueryRunner): Promise<void> {
  const tables = ['members', 'participants'];
  for (const table of tables) await runner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  await runner.query(`
    UPDATE members SET direct_threads = direct.count
    FROM (SELECT organization_id, user_id, count(*) FROM participants WHERE partner_id IS NOT NULL GROUP BY 1, 2)
      AS direct
    WHERE members.organization_id = direct.organization_id AND members.user_id = direct.user_id`);
  for (const table of tables) await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
}

async function replaceUnreadIndex(runner: QueryRunner, columns: string): Promise<void> {
  await runner.query('DROP INDEX participants_unread');
  await runner.query(
    `CREATE INDEX participants_unread ON participants (${columns}) WHERE newest_seq > settled`,
  );
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { backfill, inTransaction } from './backfill.js';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

const UNREAD_INDEX = 'organization_id, user_id, active_at, thread_id';

/**
 * The number of somebody's direct threads, and what is unread in them, are found without reading each thread. The
 * trigger comes first and counts what is added; the backfill then replaces each count by what is there.
 */
export class CountDirectThreads1763640026000 implements MigrationInterface {
  name = 'CountDirectThreads1763640026000';

  /** In steps that commit by themselves, and can be repeated: one transaction would lock both tables until its end. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await inTransaction(runner, () =>
      runner.query('ALTER TABLE members ADD COLUMN IF NOT EXISTS direct_threads integer NOT NULL DEFAULT 0'),
    );
    await inTransaction(runner, () => keepCounts(runner));
    await backfill(runner, {
      lock: `SELECT user_id AS key FROM members WHERE user_id > $1 ORDER BY user_id LIMIT $2 FOR NO KEY UPDATE`,
      change: `
        UPDATE members SET direct_threads = (
          SELECT count(*) FROM participants
          WHERE participants.organization_id = members.organization_id AND participants.user_id = members.user_id
            AND partner_id IS NOT NULL)
        WHERE user_id = ANY ($1)`,
    });
    await replaceUnreadIndex(runner, `${UNREAD_INDEX}, partner_id, newest_seq, settled`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceUnreadIndex(runner, UNREAD_INDEX);
    await inTransaction(runner, async () => {
      await runner.query('DROP TRIGGER IF EXISTS count_direct_thread ON participants');
      await runner.query('DROP FUNCTION IF EXISTS count_direct_thread()');
    });
    await inTransaction(runner, () =>
      runner.query('ALTER TABLE members DROP COLUMN IF EXISTS direct_threads'),
    );
  }
}

/**
 * CREATE TRIGGER waits for every writer of the table, so each row is counted by the backfill or by the trigger. It must
 * not hold a lock on members meanwhile: a writer of participants waits for that in its turn, for the foreign key.
 */
async function keepCounts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE OR REPLACE FUNCTION count_direct_thread() RETURNS trigger LANGUAGE plpgsql AS $function$
      BEGIN
        UPDATE tidings.members SET direct_threads = direct_threads + 1
        WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id;
        RETURN NULL;
      END $function$`);
  await runner.query(`
    CREATE OR REPLACE TRIGGER count_direct_thread AFTER INSERT ON participants
    FOR EACH ROW WHEN (NEW.partner_id IS NOT NULL) EXECUTE FUNCTION count_direct_thread()`);
}

/** The new one is complete before the old one goes. */
async function replaceUnreadIndex(runner: QueryRunner, columns: string): Promise<void> {
  const definition = `participants (${columns}) WHERE newest_seq > settled`;
  await createIndexConcurrently(runner, 'participants_unread_next', definition);
  await dropIndexConcurrently(runner, 'participants_unread');
  await inTransaction(runner, () =>
    runner.query('ALTER INDEX participants_unread_next RENAME TO participants_unread'),
  );
}

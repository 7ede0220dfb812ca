import type { TestDatabase } from '../support/database.js';

/** The people in a group, and whether each is an owner. */
export const peopleOf = (database: TestDatabase, threadId: string) =>
  database.query<{ user_id: string; owns: boolean }>(
    `SELECT user_id, owner_since IS NOT NULL AS owns FROM participants
     WHERE thread_id = $1 AND left_at IS NULL ORDER BY joined_at, user_id`,
    [threadId],
  );

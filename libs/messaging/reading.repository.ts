import type { Transaction } from '#database';
import { isUnread } from './message.view.js';

export interface ReadState {
  last_read_at: Date | null;
  unread_count: number;
  /** Set where the mark moved. */
  advanced_to: number | null;
}

/**
 * Moves the mark up to seq, or to the newest message. Whatever changes how much is settled locks the
 * participant's row first and counts in a statement of its own, which then sees what others before it did.
 */
export async function advanceMark(
  tx: Transaction,
  userId: string,
  threadId: string,
  upTo: number | null,
): Promise<ReadState | undefined> {
  const mine = [tx.organizationId, threadId, userId];
  const [, [state]] = await Promise.all([
    tx.query(
      `SELECT FROM participants WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3 FOR NO KEY UPDATE`,
      mine,
    ),
    tx.query<ReadState>(ADVANCE, [...mine, upTo]),
  ]);
  return state;
}

const countUnreadBetween = (after: string, upTo: string): string => `
  SELECT count(*) FROM messages AS message
  WHERE message.organization_id = $1 AND message.thread_id = $2
    AND message.seq > ${after} AND message.seq <= ${upTo} AND ${isUnread('message', 'mine', '$3')}`;

/** Counted are the messages that became read or those that stay unread, whichever can be fewer. */
const ADVANCE = `
  WITH mine AS (
    SELECT mine.*, coalesce(mine.newest_seq, threads.last_seq) AS newest,
           least(coalesce($4::bigint, mine.newest_seq, threads.last_seq),
                 coalesce(mine.newest_seq, threads.last_seq)) AS target
    FROM participants AS mine JOIN threads ON threads.organization_id = $1 AND threads.id = $2
    WHERE mine.organization_id = $1 AND mine.thread_id = $2 AND mine.user_id = $3
  ), advanced AS (
    UPDATE participants
    SET last_read_seq = mine.target, last_read_at = clock_timestamp(),
        settled = CASE WHEN mine.newest - mine.target < mine.target - mine.last_read_seq
          THEN mine.newest - (${countUnreadBetween('mine.target', 'mine.newest')})
          ELSE mine.settled + (${countUnreadBetween('mine.last_read_seq', 'mine.target')}) END
    FROM mine
    WHERE participants.organization_id = $1 AND participants.thread_id = $2 AND participants.user_id = $3
      AND mine.target > mine.last_read_seq
    RETURNING participants.last_read_seq, participants.last_read_at, participants.settled
  ), marked AS (
    INSERT INTO read_marks (organization_id, thread_id, user_id, seq, read_at)
    SELECT $1, $2, $3, last_read_seq, last_read_at FROM advanced
  )
  SELECT coalesce(advanced.last_read_at, mine.last_read_at) AS last_read_at,
         mine.newest - coalesce(advanced.settled, mine.settled) AS unread_count,
         advanced.last_read_seq AS advanced_to
  FROM mine LEFT JOIN advanced ON true`;

/** When the mark of this person passed a message: null where that mark is removed, undefined where it never did. */
export async function findReadAt(
  tx: Transaction,
  userId: string,
  threadId: string,
  seq: number,
): Promise<Date | null | undefined> {
  const [mark] = await tx.query<{ read_at: Date | null; is_removed: boolean }>(
    `SELECT mark.read_at, mine.read_marks_from >= $4 AS is_removed
     FROM participants AS mine LEFT JOIN LATERAL (
       SELECT read_at FROM read_marks
       WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3 AND seq >= $4 AND mine.read_marks_from < $4
       ORDER BY seq LIMIT 1
     ) AS mark ON true
     WHERE mine.organization_id = $1 AND mine.thread_id = $2 AND mine.user_id = $3`,
    [tx.organizationId, threadId, userId, seq],
  );
  return mark?.is_removed ? null : (mark?.read_at ?? undefined);
}

export interface UnreadCount {
  unread_count: number;
  unread_threads: number;
}

/** Groups keep count in their threads, the rest in the rows of the participant; see Participant. */
export async function countUnread(tx: Transaction, userId: string): Promise<UnreadCount> {
  const [counted] = await tx.query<UnreadCount>(
    `SELECT (own.messages + grouped.messages)::bigint AS unread_count, own.threads + grouped.threads AS unread_threads
     FROM (
       SELECT coalesce(sum(newest_seq - settled), 0) AS messages, count(*) AS threads FROM participants
       WHERE organization_id = $1 AND user_id = $2 AND newest_seq > settled
     ) AS own CROSS JOIN (
       SELECT coalesce(sum(threads.last_seq - mine.settled), 0) AS messages, count(*) AS threads
       FROM participants AS mine JOIN threads ON threads.organization_id = $1 AND threads.id = mine.thread_id
       WHERE mine.organization_id = $1 AND mine.user_id = $2 AND mine.active_at IS NULL
         AND threads.last_seq > mine.settled
     ) AS grouped`,
    [tx.organizationId, userId],
  );
  return counted!;
}

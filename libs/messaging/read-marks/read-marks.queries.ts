import { blockedBy } from '#blocking';
import type { Transaction } from '#database';

export interface ReadState {
  last_read_at: Date | null;
  unread_count: number;
  /** Set if the mark moved. */
  advanced_to: number | null;
}

/**
 * Moves the mark up to seq, or to the newest message. Every change of the settled count locks the participant's row
 * first and counts in a separate statement, which then sees the changes of earlier transactions. The transaction has
 * the organization-wide scope, because policies that are checked for each message would be most of the work.
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

/** Senders whose messages are never unread for $3: themselves, and those whom they block. */
const SILENT = `(SELECT $3::uuid AS sender_id UNION ALL ${blockedBy('$3')})`;

const isOfOthers = (message: string): string =>
  `(${message}.sender_id IN (SELECT sender_id FROM ${SILENT} AS silent)) IS NOT TRUE`;

/**
 * Counts by subtraction, because numbers have no gaps: all messages in the range, minus those of silent senders,
 * minus deleted and hidden ones of others. Each part comes from an index, so that a hundred thousand unread messages
 * are not read one by one while sends wait for the participant's row. isUnread defines the same for one message.
 */
const countUnreadBetween = (after: string, upTo: string): string => `
  SELECT ${upTo} - ${after}
    - (SELECT coalesce(sum(sent.count), 0)::bigint FROM ${SILENT} AS silent
       CROSS JOIN LATERAL (
         SELECT count(*) FROM messages
         WHERE organization_id = $1 AND messages.sender_id = silent.sender_id AND thread_id = $2
           AND seq > ${after} AND seq <= ${upTo} OFFSET 0) AS sent)
    - (SELECT count(*) FROM messages AS message
       WHERE organization_id = $1 AND thread_id = $2 AND seq > ${after} AND seq <= ${upTo}
         AND deleted_at IS NOT NULL AND ${isOfOthers('message')})
    - (SELECT count(*) FROM hidden_messages AS hidden
       CROSS JOIN LATERAL (
         SELECT sender_id FROM messages
         WHERE organization_id = $1 AND thread_id = $2 AND messages.seq = hidden.seq AND deleted_at IS NULL
         OFFSET 0) AS message
       WHERE hidden.organization_id = $1 AND hidden.thread_id = $2 AND hidden.user_id = $3
         AND hidden.seq > ${after} AND hidden.seq <= ${upTo} AND ${isOfOthers('message')})`;

/** Counts the messages that became read or those that remain unread, whichever can be fewer. */
const ADVANCE = `
  WITH mine AS (
    SELECT mine.*, coalesce(mine.newest_seq, threads.last_seq) AS newest,
           least(coalesce($4::bigint, mine.newest_seq, threads.last_seq),
                 coalesce(mine.newest_seq, threads.last_seq)) AS target
    FROM participants AS mine JOIN threads ON threads.organization_id = $1 AND threads.id = $2
    WHERE mine.organization_id = $1 AND mine.thread_id = $2 AND mine.user_id = $3 AND mine.hidden_at IS NULL
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

/** When this person's mark passed a message. null if that mark was deleted, undefined if it never did. */
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

/** The counts of groups are in their threads, all others in the participant rows. See Participant. */
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

import type { Transaction } from '#database';
import { markWhenLeft, wasIn } from './visibility.queries.js';

/**
 * How far everybody who is or was in a thread has read it. For people who have left, as of then. The viewer is a row
 * with thread_id, left_at and newest_seq.
 */
export const readersOf = (viewer: string): string => `
    SELECT reader.user_id, reader.joined_seq, reader.read_marks_from, reader.hidden_at,
           CASE WHEN reader.joined_at > ${viewer}.left_at THEN (
             SELECT max(lower(stay)) FROM unnest(reader.earlier_stays) AS stay WHERE lower(stay) <= ${viewer}.left_at
           ) END AS joined_then,
           CASE WHEN ${viewer}.left_at IS NULL OR reader.user_id = $3 THEN reader.last_read_seq
                ELSE coalesce(${markWhenLeft('seq', 'reader.user_id', viewer)}, 0) END AS last_read_seq,
           CASE WHEN ${viewer}.left_at IS NULL OR reader.user_id = $3 THEN reader.last_read_at END AS last_read_at,
           CASE WHEN ${viewer}.left_at IS NULL THEN reader.left_at IS NULL ELSE ${wasIn('reader', viewer)} END AS is_in
    FROM ${viewer} CROSS JOIN participants AS reader
    WHERE reader.organization_id = $1 AND reader.thread_id = $2`;

/** Whether the member is this reader, and the viewer may see what they read. */
export const sharesReading = (member: string, reader: string): string =>
  `${member}.organization_id = $1 AND ${member}.user_id = ${reader}.user_id
   AND (${member}.share_read_receipts OR ${member}.user_id = $3)`;

/**
 * When a reader's mark passed a message: the time of the first advance that reached it. null if that mark was
 * deleted, because a later one would give a wrong time.
 */
export const passedAt = (reader: string, seq: string, removedTo: string): string => `
  SELECT read_at FROM read_marks
  WHERE read_marks.organization_id = $1 AND read_marks.thread_id = $2 AND read_marks.user_id = ${reader}
    AND read_marks.seq >= ${seq} AND ${seq} > ${removedTo}
  ORDER BY read_marks.seq LIMIT 1`;

/** Somebody has read the messages up to seq that they see. */
export interface ThreadMark {
  user_id: string;
  seq: number;
  /** null if that is no longer known. */
  read_at: Date | null;
}

/** Those who have read furthest: in a group of a thousand, the others would be most of the response. */
const MAX_MARKS = 100;

/** The marks of a thread that a participant may see, furthest first. They agree with the receipts of its messages. */
export const findThreadMarks = (tx: Transaction, userId: string, threadId: string): Promise<ThreadMark[]> =>
  tx.query<ThreadMark>(MARKS, [tx.organizationId, threadId, userId]);

/**
 * Joining sets last_read_seq without a mark, and so does the removal of a left group from one's list. The former is
 * joined_seq; for the latter the last mark counts. Members are looked up in the order of the marks, so that those
 * beyond the limit are not. The time of a mark is stored with its reader, too: it is searched only where that time may
 * be of another mark.
 *
 * MATERIALIZED and OFFSET 0 keep each subquery once in the plan, which PostgreSQL builds up for each execution: without
 * them, read_marks and its policies are in it ten times.
 */
const MARKS = `
  WITH mine AS (
    SELECT thread_id, left_at, newest_seq FROM participants
    WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3 AND hidden_at IS NULL
  ), marked AS MATERIALIZED (
    SELECT user_id, joined_seq, joined_then, read_marks_from,
           CASE WHEN hidden_at IS NULL THEN last_read_at END AS read_at,
           CASE WHEN hidden_at IS NULL THEN last_read_seq
                ELSE coalesce((SELECT max(read_marks.seq) FROM read_marks
                               WHERE read_marks.organization_id = $1 AND read_marks.thread_id = $2
                                 AND read_marks.user_id = readers.user_id AND read_marks.seq <= last_read_seq),
                              least(read_marks_from, last_read_seq)) END AS seq
    FROM (${readersOf('mine')} OFFSET 0) AS readers
  ), furthest AS MATERIALIZED (
    SELECT mark.* FROM (
      SELECT * FROM marked WHERE seq > CASE WHEN joined_then IS NULL THEN joined_seq ELSE 0 END
      ORDER BY seq DESC, user_id
    ) AS mark
    CROSS JOIN LATERAL (SELECT FROM members WHERE ${sharesReading('members', 'mark')} OFFSET 0) AS member
    ORDER BY seq DESC, user_id LIMIT ${MAX_MARKS}
  )
  SELECT timed.user_id, timed.seq, timed.read_at
  FROM (
    SELECT user_id, seq, joined_then,
           CASE WHEN seq > read_marks_from
             THEN coalesce(read_at, (${passedAt('furthest.user_id', 'furthest.seq', 'furthest.read_marks_from')})) END AS read_at
    FROM furthest OFFSET 0
  ) AS timed
  WHERE timed.joined_then IS NULL OR timed.read_at >= timed.joined_then
  ORDER BY timed.seq DESC, timed.user_id`;

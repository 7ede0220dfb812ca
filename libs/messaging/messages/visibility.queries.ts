import { notBlocked } from '#blocking';

/** Conditions of SQL that more than one query asks, so that what is shown, counted and changed cannot differ. */

/**
 * That the person $person has not deleted the message for themselves. OFFSET 0 has it looked up for each message:
 * as a join, all that the person has ever deleted in the thread may be read.
 */
export const notHidden = (message: string, person: string): string =>
  `NOT EXISTS (SELECT FROM hidden_messages AS hidden
     WHERE hidden.organization_id = ${message}.organization_id AND hidden.thread_id = ${message}.thread_id
       AND hidden.user_id = ${person} AND hidden.seq = ${message}.seq OFFSET 0)`;

/**
 * The newest subject of a renamed group that the participant sees: not changed by somebody they block, and not
 * after they left; no row where it was never renamed, which costs no look-up. Where the last 1,000 renames are all
 * hidden it is the first one, so that the cost does not grow with how often it was renamed.
 */
export const shownSubject = (thread: string, participant: string, person: string): string => {
  const last = `CASE WHEN ${participant}.left_at IS NULL THEN ${thread}.subject_version
                     ELSE ${participant}.left_version END`;
  const ofThread = `FROM thread_subjects
    WHERE ${thread}.subject_version > 0 AND thread_subjects.organization_id = $1
      AND thread_subjects.thread_id = ${thread}.id`;
  return `
    SELECT * FROM (
      (SELECT version, subject, changed_at ${ofThread} AND version > 0 AND version <= ${last}
         AND version > ${last} - 1000 AND ${notBlocked(person, 'changed_by')}
       ORDER BY version DESC LIMIT 1)
      UNION ALL (SELECT version, subject, changed_at ${ofThread} AND version = 0)
    ) AS seen ORDER BY version DESC LIMIT 1`;
};

/**
 * That another participant of the thread was in it when this one last was: now, or when this one left. Only what
 * was so then is shown to who has left.
 */
export const wasIn = (other: string, participant: string): string =>
  `((${other}.left_at IS NULL OR ${other}.left_at >= ${participant}.left_at)
      AND ${other}.joined_at <= coalesce(${participant}.left_at, ${other}.joined_at)
    OR ${other}.earlier_stays @> ${participant}.left_at)`;

/** The last advance of another participant's read mark before this one left. */
export const markWhenLeft = (column: 'seq' | 'read_at', other: string, participant: string): string =>
  `(SELECT read_marks.${column} FROM read_marks
    WHERE read_marks.organization_id = $1 AND read_marks.thread_id = ${participant}.thread_id
      AND read_marks.user_id = ${other} AND read_marks.seq <= ${participant}.newest_seq
      AND read_marks.read_at <= ${participant}.left_at
    ORDER BY read_marks.seq DESC LIMIT 1)`;

/** That the message is unread for the participant. The oracle of test/messaging/unread.test.ts says the same. */
export const isUnread = (message: string, participant: string, person = `${participant}.user_id`): string =>
  `${message}.seq > ${participant}.last_read_seq
   AND ${message}.seq <= coalesce(${participant}.newest_seq, ${message}.seq)
   AND ${message}.sender_id IS DISTINCT FROM ${person}
   AND ${message}.deleted_at IS NULL
   AND ${notHidden(message, person)}
   AND ${notBlocked(person, `${message}.sender_id`)}`;

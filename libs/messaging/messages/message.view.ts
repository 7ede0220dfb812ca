/** A message as one person sees it. */
export interface MessageView {
  id: string;
  thread_id: string;
  seq: number;
  sender_id: string | null;
  /** Usernames. The recipient is only set in direct threads. */
  sender: string | null;
  recipient: string | null;
  subject: string | null;
  content: string;
  reply_to_id: string | null;
  /** For the sender whether all others have read it, for everybody else whether they have read it themselves. */
  is_read: boolean;
  read_at: Date | null;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  /** Of people who share read receipts, oldest first. read_at is null if the read mark was deleted. */
  receipts: { user_id: string; read_at: string | null }[];
}

/** SQL conditions that several queries share, so that what is shown, counted and changed cannot differ. */

/**
 * The person $person has not deleted the message for themselves. OFFSET 0 looks this up for each message: a join
 * might read everything that the person has ever deleted in the thread.
 */
export const notHidden = (message: string, person: string): string =>
  `NOT EXISTS (SELECT FROM hidden_messages AS hidden
     WHERE hidden.organization_id = ${message}.organization_id AND hidden.thread_id = ${message}.thread_id
       AND hidden.user_id = ${person} AND hidden.seq = ${message}.seq OFFSET 0)`;

/** The person has not blocked the other one. If the person is a parameter, their blocks are read once. */
export const notBlocked = (person: string, other: string): string =>
  `(${other} IN (SELECT blocked_id FROM blocks
     WHERE blocks.organization_id = $1 AND blocks.blocker_id = ${person})) IS NOT TRUE`;

/**
 * The newest subject of a renamed group that the participant sees: not set by a person they block, and not after they
 * left. A group that was never renamed needs no lookup and has no row here. If the last 1,000 renames are all hidden,
 * it is the first subject, so that the cost does not grow with the number of renames.
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
 * Another participant was in the thread when this one last was: now, or when this one left. People who have left only
 * see what was true then.
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

/** The message is unread for the participant. The model in test/messaging/unread.test.ts defines the same. */
export const isUnread = (message: string, participant: string, person = `${participant}.user_id`): string =>
  `${message}.seq > ${participant}.last_read_seq
   AND ${message}.seq <= coalesce(${participant}.newest_seq, ${message}.seq)
   AND ${message}.sender_id IS DISTINCT FROM ${person}
   AND ${message}.deleted_at IS NULL
   AND ${notHidden(message, person)}
   AND ${notBlocked(person, `${message}.sender_id`)}`;

import { notBlocked } from '#blocking';

/** SQL conditions that several queries share, so that lists, counts and changes cannot differ. */

/**
 * Whether the person has not deleted the message for themselves. OFFSET 0 looks it up for each message: a join might
 * read everything that the person has ever deleted in the thread.
 */
export const notHidden = (message: string, person: string): string =>
  `NOT EXISTS (SELECT FROM hidden_messages AS hidden
     WHERE hidden.organization_id = ${message}.organization_id AND hidden.thread_id = ${message}.thread_id
       AND hidden.user_id = ${person} AND hidden.seq = ${message}.seq OFFSET 0)`;

/**
 * The newest subject of a renamed group that the participant sees: not set by a person they block, and not after they
 * left. No row if the group was never renamed. If they see none of the last 1,000 renames, it is the first subject, so
 * that the cost does not grow with the number of renames.
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
 * Whether another participant is in the thread now or, if this one has left, was in it at that time. People who have
 * left see the thread as it was then.
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

/** What people who have left see of later changes: the deletion for everyone, and that the sender is erased. */
const lastChanges = (message: string): string =>
  `(${message}.deleted_at IS NOT NULL)::integer + (${message}.sender_id IS NULL)::integer`;

/**
 * The text of a message as the participant sees it: for people who have left, that of when they left. No row if
 * retention has deleted it. Versions are looked up only for them, and only if the message was edited since. Their rev
 * is that of the text, so that they do not learn of later edits. No edit follows the changes that they learn of.
 */
export const shownText = (message: string, participant: string): string => {
  const isLater = `${message}.edited_at > ${participant}.left_at`;
  return `
    SELECT ${message}.content, ${message}.edited_at, ${message}.rev WHERE (${isLater}) IS NOT TRUE
    UNION ALL
    (SELECT content, nullif(written_at, ${message}.created_at), message_versions.rev + ${lastChanges(message)}
     FROM message_versions
     WHERE ${isLater} AND message_versions.organization_id = $1 AND message_versions.message_id = ${message}.id
       AND written_at <= ${participant}.left_at
     ORDER BY version DESC LIMIT 1)`;
};

/**
 * The rev of a message whose text is no longer kept for people who have left. It is higher than that of any text, and
 * does not depend on the number of later edits.
 */
export const revWithoutText = (message: string): string => `1000000000 + ${lastChanges(message)}`;

/** Whether the message is unread for the participant. test/messaging/drift.ts counts the same with SQL of its own. */
export const isUnread = (message: string, participant: string, person = `${participant}.user_id`): string =>
  `${message}.seq > ${participant}.last_read_seq
   AND ${message}.seq <= coalesce(${participant}.newest_seq, ${message}.seq)
   AND ${message}.sender_id IS DISTINCT FROM ${person}
   AND ${message}.deleted_at IS NULL
   AND ${notHidden(message, person)}
   AND ${notBlocked(person, `${message}.sender_id`)}`;

/** A message as one person sees it. */
export interface MessageView {
  id: string;
  thread_id: string;
  seq: number;
  sender_id: string | null;
  /** Usernames; the recipient of a direct message only. */
  sender: string | null;
  recipient: string | null;
  subject: string | null;
  content: string;
  reply_to_id: string | null;
  /** For its sender whether all others have read it, for everybody else whether they have themselves. */
  is_read: boolean;
  read_at: Date | null;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  /** Of those who let others know, oldest first; without a time where the read mark is removed. */
  receipts: { user_id: string; read_at: string | null }[];
}

/** Conditions of SQL that more than one query asks, so that what is shown, counted and changed cannot differ. */

/**
 * That the person $person has not deleted the message for themselves. OFFSET 0 has it looked up for each message:
 * as a join, all that the person has ever deleted in the thread may be read.
 */
export const notHidden = (message: string, person: string): string =>
  `NOT EXISTS (SELECT FROM hidden_messages AS hidden
     WHERE hidden.organization_id = ${message}.organization_id AND hidden.thread_id = ${message}.thread_id
       AND hidden.user_id = ${person} AND hidden.seq = ${message}.seq OFFSET 0)`;

/** That the person has not blocked this one. Where the person is a parameter, whom they block is read once. */
export const notBlocked = (person: string, other: string): string =>
  `(${other} IN (SELECT blocked_id FROM blocks
     WHERE blocks.organization_id = $1 AND blocks.blocker_id = ${person})) IS NOT TRUE`;

/** That the message is unread for the participant. The oracle of test/messaging/unread.test.ts says the same. */
export const isUnread = (message: string, participant: string, person = `${participant}.user_id`): string =>
  `${message}.seq > ${participant}.last_read_seq
   AND ${message}.seq <= coalesce(${participant}.newest_seq, ${message}.seq)
   AND ${message}.sender_id IS DISTINCT FROM ${person}
   AND ${message}.deleted_at IS NULL
   AND ${notHidden(message, person)}
   AND ${notBlocked(person, `${message}.sender_id`)}`;

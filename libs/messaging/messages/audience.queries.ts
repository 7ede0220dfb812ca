import { notBlocked } from '#blocking';
import type { Transaction } from '#database';
import { notHidden, shownSubject } from './visibility.queries.js';

/**
 * For event handlers, with the organization-wide scope: who should be notified of something in a thread. OFFSET 0
 * looks up what belongs to each message: a join, planned while an organization was small, would read all members,
 * threads and participants for every message.
 */

export interface AudienceMember {
  user_id: string;
  muted_until: Date | null;
  /** They have already marked it as read. */
  has_read: boolean;
  /** The subject of the group as this person sees it. It differs for those who block somebody who renamed it. */
  thread_subject: string | null;
}

export interface SentMessage {
  message_id: string;
  thread_id: string;
  seq: number;
  sender_id: string;
  sender_name: string;
  participant_count: number;
  subject: string | null;
  content: string;
}

/** In the order of sending. Messages that were deleted meanwhile, or whose sender was, are left out. */
export const findSentMessages = (tx: Transaction, messageIds: string[]): Promise<SentMessage[]> =>
  tx.query<SentMessage>(
    `SELECT message.id AS message_id, message.thread_id, message.seq, message.sender_id, display_name AS sender_name,
            thread.participant_count, message.subject, message.content
     FROM messages AS message
     CROSS JOIN LATERAL (
       SELECT participant_count FROM threads
       WHERE organization_id = $1 AND id = message.thread_id OFFSET 0) AS thread
     CROSS JOIN LATERAL (
       SELECT display_name FROM members
       WHERE organization_id = $1 AND user_id = message.sender_id OFFSET 0) AS sender
     WHERE message.organization_id = $1 AND message.id = ANY ($2) AND message.deleted_at IS NULL
     ORDER BY message.created_at, message.seq`,
    [tx.organizationId, messageIds],
  );

const SUBJECT = 'CASE WHEN thread.subject_version = 0 THEN thread.subject ELSE shown.subject END';

/** For each message, the people in its thread who can see it, except its sender. */
export const findMessageRecipients = (
  tx: Transaction,
  messageIds: string[],
): Promise<(AudienceMember & { message_id: string })[]> =>
  tx.query<AudienceMember & { message_id: string }>(
    `SELECT message.id AS message_id, reader.user_id, reader.muted_until, reader.last_read_seq >= message.seq AS has_read,
            ${SUBJECT} AS thread_subject
     FROM messages AS message
     CROSS JOIN LATERAL (
       SELECT id, subject, subject_version FROM threads
       WHERE organization_id = $1 AND id = message.thread_id OFFSET 0) AS thread
     CROSS JOIN LATERAL (
       SELECT user_id, muted_until, last_read_seq, left_at, left_version FROM participants
       WHERE organization_id = $1 AND thread_id = message.thread_id AND user_id <> message.sender_id
         AND left_at IS NULL AND joined_seq < message.seq OFFSET 0) AS reader
     CROSS JOIN LATERAL (
       SELECT FROM members
       WHERE organization_id = $1 AND user_id = reader.user_id AND removed_at IS NULL OFFSET 0) AS member
     LEFT JOIN LATERAL (${shownSubject('thread', 'reader', 'reader.user_id')}) AS shown ON true
     WHERE message.organization_id = $1 AND message.id = ANY ($2)
       AND ${notHidden('message', 'reader.user_id')} AND ${notBlocked('reader.user_id', 'message.sender_id')}`,
    [tx.organizationId, messageIds],
  );

export interface OpenedThread {
  kind: 'direct' | 'group';
  actor_name: string;
  recipients: AudienceMember[];
}

/**
 * A thread that was started or joined, and those of these people who are in it and do not block the actor. Returns
 * undefined if a message was sent since, because its notification is enough.
 */
export async function findOpenedThread(
  tx: Transaction,
  threadId: string,
  actorId: string,
  userIds: string[],
): Promise<OpenedThread | undefined> {
  const [, [thread], recipients] = await Promise.all([
    // Sends insert their notifications themselves: a concurrent send waits for this lock, so it notifies after this.
    tx.query('SELECT FROM threads WHERE organization_id = $1 AND id = $2 FOR SHARE', [
      tx.organizationId,
      threadId,
    ]),
    tx.query<Omit<OpenedThread, 'recipients'>>(
      `SELECT threads.kind, members.display_name AS actor_name
       FROM threads JOIN members ON members.organization_id = $1 AND members.user_id = $3
       WHERE threads.organization_id = $1 AND threads.id = $2`,
      [tx.organizationId, threadId, actorId],
    ),
    tx.query<AudienceMember>(
      `SELECT reader.user_id, reader.muted_until, false AS has_read, ${SUBJECT} AS thread_subject
       FROM participants AS reader
       JOIN threads AS thread ON thread.organization_id = $1 AND thread.id = reader.thread_id
       JOIN members ON members.organization_id = $1 AND members.user_id = reader.user_id
       LEFT JOIN LATERAL (${shownSubject('thread', 'reader', 'reader.user_id')}) AS shown ON true
       WHERE reader.organization_id = $1 AND reader.thread_id = $2 AND reader.user_id = ANY ($3)
         AND reader.user_id <> $4 AND reader.left_at IS NULL AND members.removed_at IS NULL
         AND thread.last_seq = reader.joined_seq AND ${notBlocked('reader.user_id', '$4')}`,
      [tx.organizationId, threadId, userIds, actorId],
    ),
  ]);
  return thread && { ...thread, recipients };
}

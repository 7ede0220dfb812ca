import type { Transaction } from '#database';
import { notBlocked, notHidden } from './message.view.js';

/** For handlers of events, with the sight of the organization: who should hear of what happened in a thread. */

export interface Listener {
  user_id: string;
  muted_until: Date | null;
  /** They have marked it as read already. */
  has_read: boolean;
}

export interface SentMessage {
  message_id: string;
  thread_id: string;
  seq: number;
  sender_id: string;
  sender_name: string;
  /** Of a group. */
  thread_subject: string | null;
  participant_count: number;
  subject: string | null;
  content: string;
}

/** In the order of sending, but for those of which there is nothing to tell any more: deleted, or their sender is. */
export const findSentMessages = (tx: Transaction, messageIds: string[]): Promise<SentMessage[]> =>
  tx.query<SentMessage>(
    `SELECT message.id AS message_id, message.thread_id, message.seq, message.sender_id, members.display_name AS sender_name,
            threads.subject AS thread_subject, threads.participant_count, message.subject, message.content
     FROM messages AS message
     JOIN threads ON threads.organization_id = $1 AND threads.id = message.thread_id
     JOIN members ON members.organization_id = $1 AND members.user_id = message.sender_id
     WHERE message.organization_id = $1 AND message.id = ANY ($2) AND message.deleted_at IS NULL
     ORDER BY message.created_at, message.seq`,
    [tx.organizationId, messageIds],
  );

/** Of each message those in its thread who can see it, but for its sender. */
export const findListeners = (
  tx: Transaction,
  messageIds: string[],
): Promise<(Listener & { message_id: string })[]> =>
  tx.query<Listener & { message_id: string }>(
    `SELECT message.id AS message_id, reader.user_id, reader.muted_until, reader.last_read_seq >= message.seq AS has_read
     FROM messages AS message
     JOIN participants AS reader ON reader.organization_id = $1 AND reader.thread_id = message.thread_id
     JOIN members ON members.organization_id = $1 AND members.user_id = reader.user_id
     WHERE message.organization_id = $1 AND message.id = ANY ($2) AND reader.user_id <> message.sender_id
       AND reader.left_at IS NULL AND reader.joined_seq < message.seq AND members.removed_at IS NULL
       AND ${notHidden('message', 'reader.user_id')} AND ${notBlocked('reader.user_id', 'message.sender_id')}`,
    [tx.organizationId, messageIds],
  );

export interface OpenedThread {
  subject: string | null;
  actor_name: string;
  listeners: Listener[];
}

/**
 * A thread that was started, or that somebody was added to, and those of these people who are in it and do not
 * block who did it. Where something has been written since, that tells of it: undefined.
 */
export async function findOpenedThread(
  tx: Transaction,
  threadId: string,
  actorId: string,
  userIds: string[],
): Promise<OpenedThread | undefined> {
  const [[thread], listeners] = await Promise.all([
    tx.query<Omit<OpenedThread, 'listeners'>>(
      `SELECT threads.subject, members.display_name AS actor_name
       FROM threads JOIN members ON members.organization_id = $1 AND members.user_id = $3
       WHERE threads.organization_id = $1 AND threads.id = $2`,
      [tx.organizationId, threadId, actorId],
    ),
    tx.query<Listener>(
      `SELECT reader.user_id, reader.muted_until, false AS has_read
       FROM participants AS reader
       JOIN threads ON threads.organization_id = $1 AND threads.id = reader.thread_id
       JOIN members ON members.organization_id = $1 AND members.user_id = reader.user_id
       WHERE reader.organization_id = $1 AND reader.thread_id = $2 AND reader.user_id = ANY ($3)
         AND reader.user_id <> $4 AND reader.left_at IS NULL AND members.removed_at IS NULL
         AND threads.last_seq = reader.joined_seq AND ${notBlocked('reader.user_id', '$4')}`,
      [tx.organizationId, threadId, userIds, actorId],
    ),
  ]);
  return thread && { ...thread, listeners };
}

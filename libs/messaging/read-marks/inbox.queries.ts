import { blockedBy, notBlocked } from '#blocking';
import type { Transaction } from '#database';
import { notHidden } from '../messages/visibility.queries.js';

export interface InboxPage {
  page: number;
  limit: number;
  unreadOnly: boolean;
}

export interface Conversation {
  thread_id: string;
  with_user_id: string;
  /** null once the person is erased. */
  with_user: string | null;
  last_message: string | null;
  last_message_time: Date | null;
  last_seq: number;
  last_read_seq: number;
  unread_count: number;
  is_latest_from_them: boolean;
}

export interface Inbox {
  conversations: Conversation[];
  total_unread: number;
  total_conversations: number;
}

/**
 * Direct threads, newest first. A page beyond the last is empty and still contains the total. Blocked people have no
 * unread messages, so the unread sum needs no check of blocks.
 */
export async function findInbox(
  tx: Transaction,
  userId: string,
  { page, limit, unreadOnly }: InboxPage,
): Promise<Inbox> {
  const rows = await tx.query<InboxRow>(inboxQuery(unreadOnly), [
    tx.organizationId,
    userId,
    limit,
    (page - 1) * limit,
  ]);
  const { total_unread, total_conversations } = rows[0]!;
  const conversations = rows
    .filter(({ thread_id }) => thread_id !== null)
    .map(({ total_unread: _unread, total_conversations: _conversations, ...conversation }) => conversation);
  return { conversations, total_unread, total_conversations };
}

type InboxRow = Conversation & Pick<Inbox, 'total_unread' | 'total_conversations'>;

/** See PREVIEW_SPAN in threads.queries.ts. */
const PREVIEW_SPAN = 1000;

/** Subtracts threads with blocked people from the total, because people have more direct threads than blocks. */
const ALL_NOT_BLOCKED = `
  SELECT direct_threads - (
    SELECT count(*) FROM (${blockedBy('$2')}) AS blocked CROSS JOIN LATERAL (
      SELECT FROM threads WHERE organization_id = $1 AND kind = 'direct'
        AND pair_low = least($2, blocked_id) AND pair_high = greatest($2, blocked_id) OFFSET 0) AS thread)
  FROM members WHERE organization_id = $1 AND user_id = $2`;

const inboxQuery = (unreadOnly: boolean): string => {
  const isMine = `mine.organization_id = $1 AND mine.user_id = $2 AND mine.partner_id IS NOT NULL`;
  const isUnread = 'mine.newest_seq > mine.settled';
  const isListed = unreadOnly ? isUnread : 'mine.active_at IS NOT NULL';
  return `
  WITH totals AS (
    SELECT coalesce(sum(newest_seq - settled), 0)::bigint AS total_unread,
           ${unreadOnly ? 'count(*)' : `(${ALL_NOT_BLOCKED})`} AS total_conversations
    FROM participants AS mine WHERE ${isMine} AND ${isUnread}
  ), page AS MATERIALIZED (
    SELECT mine.* FROM participants AS mine
    WHERE ${isMine} AND mine.hidden_at IS NULL AND ${isListed} AND ${notBlocked('$2', 'mine.partner_id')}
    ORDER BY mine.active_at DESC, mine.thread_id DESC LIMIT $3 OFFSET $4
  )
  SELECT totals.*, page.thread_id, page.partner_id AS with_user_id, members.username AS with_user,
         last.content AS last_message, last.created_at AS last_message_time,
         page.newest_seq AS last_seq, page.last_read_seq, page.newest_seq - page.settled AS unread_count,
         coalesce(last.sender_id IS DISTINCT FROM $2 AND last.seq IS NOT NULL, false) AS is_latest_from_them
  FROM totals
  LEFT JOIN page ON true
  LEFT JOIN members ON members.organization_id = $1 AND members.user_id = page.partner_id
  LEFT JOIN LATERAL (
    SELECT message.seq, message.sender_id, message.created_at,
           CASE WHEN message.deleted_at IS NULL THEN message.content END AS content
    FROM messages AS message
    WHERE message.organization_id = $1 AND message.thread_id = page.thread_id
      AND message.seq <= page.newest_seq AND message.seq > page.newest_seq - ${PREVIEW_SPAN}
      AND ${notHidden('message', '$2')} AND ${notBlocked('$2', 'message.sender_id')}
    ORDER BY message.seq DESC LIMIT 1
  ) AS last ON true
  ORDER BY page.active_at DESC, page.thread_id DESC`;
};

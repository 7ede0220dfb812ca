import { notBlocked } from '#blocking';
import type { Transaction } from '#database';
import { isUnread, notHidden } from './visibility.queries.js';

export interface FoundMessage {
  id: string;
  thread_id: string;
  seq: number;
  sender_id: string | null;
  created_at: Date;
  deleted_at: Date | null;
  kind: 'direct' | 'group';
  /** When the reader left the thread. */
  left_at: Date | null;
}

/** Returns a message if this person can see it. */
export async function findMessage(
  tx: Transaction,
  userId: string,
  id: string,
): Promise<FoundMessage | undefined> {
  const [message] = await tx.query<FoundMessage>(
    `SELECT message.id, message.thread_id, message.seq, message.sender_id, message.created_at, message.deleted_at,
            threads.kind, mine.left_at
     FROM messages AS message
     JOIN threads ON threads.organization_id = $1 AND threads.id = message.thread_id
     JOIN participants AS mine
       ON mine.organization_id = $1 AND mine.thread_id = message.thread_id AND mine.user_id = $2
     WHERE message.organization_id = $1 AND message.id = $3 AND message.seq > mine.joined_seq
       AND mine.hidden_at IS NULL
       AND (mine.left_at IS NULL OR message.seq <= mine.newest_seq)
       AND ${notHidden('message', '$2')} AND ${notBlocked('$2', 'message.sender_id')}`,
    [tx.organizationId, userId, id],
  );
  return message;
}

/** Each edit stores the previous content, so the number of edits per message is limited. */
export const MAX_VERSIONS = 200;

export type EditOutcome = 'edited' | 'unchanged' | 'too many edits';

/** Stores the previous content as a version, and the new content in the message. */
export async function editContent(tx: Transaction, id: string, content: string): Promise<EditOutcome> {
  const locked = tx.query('SELECT FROM messages WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE', [
    tx.organizationId,
    id,
  ]);
  const written = tx.query<{ last: number }>(
    `WITH before AS (
       SELECT id, content, rev, coalesce(edited_at, created_at) AS written_at, coalesce((
         SELECT version FROM message_versions WHERE organization_id = $1 AND message_id = $2
         ORDER BY version DESC LIMIT 1), 0) AS last
       FROM messages
       WHERE organization_id = $1 AND id = $2 AND content <> $3 AND deleted_at IS NULL
     ), kept AS (
       INSERT INTO message_versions (organization_id, message_id, version, content, written_at, rev)
       SELECT $1, id, last + 1, content, written_at, rev FROM before WHERE last < ${MAX_VERSIONS}
     ), changed AS (
       UPDATE messages SET content = $3, edited_at = clock_timestamp(), rev = messages.rev + 1 FROM before
       WHERE organization_id = $1 AND messages.id = before.id AND last < ${MAX_VERSIONS}
     )
     SELECT last FROM before`,
    [tx.organizationId, id, content],
  );
  const [, [before]] = await Promise.all([locked, written]);
  if (!before) return 'unchanged';
  return before.last < MAX_VERSIONS ? 'edited' : 'too many edits';
}

export interface Version {
  version: number;
  content: string;
  written_at: Date;
}

export interface VersionPage {
  /** The last version of the previous page. 0 for the first page. */
  after: number;
  limit: number;
}

/** Oldest first. For a participant who has left the thread, only those that were replaced before. */
export const findVersions = (
  tx: Transaction,
  id: string,
  { after, limit }: VersionPage,
  userId?: string,
): Promise<Version[]> =>
  tx.query<Version>(
    `SELECT version, content, written_at FROM message_versions
     WHERE organization_id = $1 AND message_id = $2 AND version > $3
       AND replaced_at <= coalesce((
         SELECT mine.left_at FROM messages AS message JOIN participants AS mine
           ON mine.organization_id = $1 AND mine.thread_id = message.thread_id AND mine.user_id = $5
         WHERE message.organization_id = $1 AND message.id = $2), 'infinity')
     ORDER BY version LIMIT $4`,
    [tx.organizationId, id, after, limit, userId],
  );

/**
 * Deletes the message for one person. Once both people of a direct thread have done so, it counts as deleted. It is
 * looked up again, because a person who left and joined again meanwhile no longer sees it.
 */
export async function hide(
  tx: Transaction,
  userId: string,
  { thread_id, seq, kind }: FoundMessage,
): Promise<void> {
  const mine = [tx.organizationId, thread_id, userId];
  await Promise.all([
    tx.query(
      `SELECT FROM participants WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3 FOR NO KEY UPDATE`,
      mine,
    ),
    tx.query(
      `UPDATE participants AS mine SET settled = settled + 1
       WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3 AND EXISTS (
         SELECT FROM messages AS message
         WHERE message.organization_id = $1 AND message.thread_id = $2 AND message.seq = $4
           AND ${isUnread('message', 'mine', '$3')})`,
      [...mine, seq],
    ),
    tx.query(
      `WITH hidden AS (
         INSERT INTO hidden_messages (organization_id, thread_id, user_id, seq)
         SELECT $1, $2, $3, seq FROM messages WHERE organization_id = $1 AND thread_id = $2 AND seq = $4
         ON CONFLICT DO NOTHING RETURNING seq
       )
       UPDATE messages
       SET hidden_by = hidden_by + 1,
           deleted_at = CASE WHEN $5 AND hidden_by = 1 THEN coalesce(deleted_at, now()) ELSE deleted_at END,
           rev = CASE WHEN $5 AND hidden_by = 1 AND deleted_at IS NULL THEN rev + 1 ELSE rev END
       FROM hidden
       WHERE organization_id = $1 AND thread_id = $2 AND messages.seq = hidden.seq`,
      [...mine, seq, kind === 'direct'],
    ),
  ]);
}

/**
 * Deletes the message for everyone. It runs with the organization-wide scope, because whether the message was unread
 * for a person depends on rows that only this person may see. The caller must lock the thread.
 */
export async function retract(tx: Transaction, threadId: string, seq: number): Promise<void> {
  const message = [tx.organizationId, threadId, seq];
  await Promise.all([
    tx.query(
      `SELECT FROM participants WHERE organization_id = $1 AND thread_id = $2
       ORDER BY user_id FOR NO KEY UPDATE`,
      [tx.organizationId, threadId],
    ),
    tx.query(
      `UPDATE participants AS reader SET settled = settled + 1
       FROM messages AS message
       WHERE reader.organization_id = $1 AND reader.thread_id = $2
         AND message.organization_id = $1 AND message.thread_id = $2 AND message.seq = $3
         AND ${isUnread('message', 'reader')}`,
      message,
    ),
    tx.query(
      `UPDATE messages SET deleted_at = clock_timestamp(), rev = rev + 1
       WHERE organization_id = $1 AND thread_id = $2 AND seq = $3 AND deleted_at IS NULL`,
      message,
    ),
  ]);
}

/** A message as a moderator addresses it, whoever is in its thread. */
export interface AnyMessage {
  id: string;
  thread_id: string;
  seq: number;
  deleted_at: Date | null;
}

export async function findAnyMessage(tx: Transaction, id: string): Promise<AnyMessage | undefined> {
  const [message] = await tx.query<AnyMessage>(
    'SELECT id, thread_id, seq, deleted_at FROM messages WHERE organization_id = $1 AND id = $2',
    [tx.organizationId, id],
  );
  return message;
}

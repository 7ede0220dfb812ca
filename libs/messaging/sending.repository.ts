import { createHash } from 'node:crypto';
import type { Transaction } from '#database';
import type { PersonCaller } from '#identity';
import type { MessageView } from './message.view.js';
import { sendsOf } from './settlement.repository.js';

export interface MessageInput {
  /** Made here unless it must be known beforehand, as in the demo. */
  id?: string;
  subject?: string;
  content: string;
  reply_to_id?: string;
  client_token?: string;
}

/** What two requests with the same client_token must have in common, beside the thread. */
export const hashOf = ({ subject, content, reply_to_id }: MessageInput): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([subject ?? null, content, reply_to_id ?? null]))
    .digest();

/**
 * Three statements in one round trip. The first waits for those who are about to block the sender, the second
 * for the thread's row and so for all who change the thread before us; only the third, which looks at the
 * database anew, is sure to see what they did: undefined where the sender has left meanwhile, or was blocked by
 * the other one of a direct thread.
 */
export async function insertMessage(
  tx: Transaction,
  { userId }: PersonCaller,
  threadId: string,
  id: string,
  input: MessageInput,
  names: Pick<MessageView, 'sender' | 'recipient'>,
): Promise<MessageView | undefined> {
  const [, , [sent]] = await Promise.all([
    tx.shareLock(sendsOf(userId)),
    tx.query(ALLOCATE, [tx.organizationId, threadId]),
    tx.query<Pick<MessageView, 'seq' | 'created_at'>>(INSERT, [
      tx.organizationId,
      threadId,
      userId,
      id,
      input.subject,
      input.content,
      input.reply_to_id,
      input.client_token,
      input.client_token === undefined ? null : hashOf(input),
    ]),
  ]);
  return (
    sent && {
      id,
      thread_id: threadId,
      sender_id: userId,
      subject: input.subject ?? null,
      content: input.content,
      reply_to_id: input.reply_to_id ?? null,
      is_read: false,
      read_at: null,
      edited_at: null,
      deleted_at: null,
      receipts: [],
      ...names,
      ...sent,
    }
  );
}

/** A clock that was set back must not put a message before the one that it follows. */
const ALLOCATE = `
  UPDATE threads
  SET last_seq = last_seq + 1, last_message_at = greatest(clock_timestamp(), last_message_at)
  WHERE organization_id = $1 AND id = $2`;

/** Beside the message: both rows of a direct thread; in a group the sender's and those that block the sender. */
const INSERT = `
  WITH thread AS (
    SELECT kind, pair_low, pair_high, last_seq, last_message_at FROM threads
    WHERE organization_id = $1 AND id = $2 AND CASE kind
      WHEN 'direct' THEN NOT ARRAY[pair_low, pair_high] && ARRAY(SELECT app_blockers())
      ELSE EXISTS (SELECT FROM participants AS mine
                   WHERE organization_id = $1 AND thread_id = $2 AND user_id = $3 AND left_at IS NULL) END
  ), sent AS (
    INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, subject, content, reply_to_id,
                          client_token, request_hash, created_at)
    SELECT $1, $2, last_seq, $4, $3, $5, $6, $7, $8, $9, last_message_at FROM thread
  ), counted AS (
    UPDATE participants
    SET newest_seq = CASE kind WHEN 'direct' THEN last_seq END,
        active_at = CASE kind WHEN 'direct' THEN last_message_at END,
        settled = settled + CASE WHEN kind = 'group' OR user_id = $3 THEN 1 ELSE 0 END,
        last_sent_at = CASE user_id WHEN $3 THEN last_message_at ELSE last_sent_at END
    FROM thread
    WHERE organization_id = $1 AND thread_id = $2 AND left_at IS NULL
      AND user_id = ANY ((
        SELECT CASE kind WHEN 'direct' THEN ARRAY[pair_low, pair_high]
                         ELSE ARRAY(SELECT app_blockers()) || $3::uuid END FROM thread)::uuid[])
  )
  SELECT last_seq AS seq, last_message_at AS created_at FROM thread`;

export interface KnownToken {
  id: string;
  thread_id: string;
  seq: number;
  request_hash: Buffer;
}

/** The message that was sent with this token before. */
export async function findByToken(
  tx: Transaction,
  { userId }: PersonCaller,
  token: string | undefined,
): Promise<KnownToken | undefined> {
  if (token === undefined) return undefined;
  const [known] = await tx.query<KnownToken>(
    `SELECT id, thread_id, seq, request_hash FROM messages
     WHERE organization_id = $1 AND sender_id = $2 AND client_token = $3`,
    [tx.organizationId, userId, token],
  );
  return known;
}

export interface Participation {
  kind: 'direct' | 'group';
  username: string;
  partner_id: string | null;
  left_at: Date | null;
  owner_since: Date | null;
}

/** My part in a thread; undefined where I have none, and so for what does not exist. */
export async function findParticipation(
  tx: Transaction,
  userId: string,
  threadId: string,
): Promise<Participation | undefined> {
  const [participation] = await tx.query<Participation>(
    `SELECT CASE WHEN mine.partner_id IS NULL THEN 'group' ELSE 'direct' END AS kind, members.username,
            mine.partner_id, mine.left_at, mine.owner_since
     FROM participants AS mine JOIN members ON members.organization_id = $1 AND members.user_id = mine.user_id
     WHERE mine.organization_id = $1 AND mine.thread_id = $3 AND mine.user_id = $2`,
    [tx.organizationId, userId, threadId],
  );
  return participation;
}

import { createHash } from 'node:crypto';
import { blockersOf, hasBlocked } from '#blocking';
import type { Transaction } from '#database';
import { sendsOf } from '#identity';
import type { MessageView } from '../messages/message.view.js';

export interface MessageInput {
  /** Generated if not given. The demo needs a known id. */
  id?: string;
  subject?: string;
  content: string;
  reply_to_id?: string;
  client_token?: string;
}

/** The hash of what two requests with one client_token must have in common, beside the thread. */
export const hashOf = ({ subject, content, reply_to_id }: MessageInput): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([subject ?? null, content, reply_to_id ?? null]))
    .digest();

/** A message for an existing thread. */
export interface NewMessage {
  id: string;
  threadId: string;
  senderId: string;
  /** The key of the service that sends on behalf of the sender. */
  apiKeyId?: string;
  input: MessageInput;
}

export type Written = Pick<MessageView, 'id' | 'seq' | 'created_at'> & { recipients: number };

/**
 * Three statements in one round trip. The first waits for blocks and removals of the senders, and the second locks the
 * threads, both in a fixed order, so that concurrent sends cannot deadlock. Only the third has a snapshot that surely
 * contains what those transactions did. It leaves out the message of a sender who was removed from the organization,
 * has left the thread, or is blocked by the other person of a direct thread.
 */
export async function insertMessages(tx: Transaction, messages: NewMessage[]): Promise<Written[]> {
  if (messages.length === 0) return [];
  const [, , written] = await Promise.all([
    tx.lockAllShared(messages.map(({ senderId }) => sendsOf(senderId))),
    tx.query(LOCK_THREADS, [tx.organizationId, messages.map(({ threadId }) => threadId)]),
    tx.query<Written>(INSERT, [tx.organizationId, JSON.stringify(messages.map(rowOf))]),
  ]);
  return written;
}

const rowOf = ({ id, threadId, senderId, apiKeyId, input }: NewMessage, at: number) => ({
  at,
  id,
  thread_id: threadId,
  sender_id: senderId,
  api_key_id: apiKeyId,
  subject: input.subject,
  content: input.content,
  reply_to_id: input.reply_to_id,
  client_token: input.client_token,
  request_hash: input.client_token === undefined ? undefined : `\\x${hashOf(input).toString('hex')}`,
});

/**
 * Locks the senders that can be locked without waiting, and returns them. lockFreeThreads does the same for threads.
 */
export const lockFreeSenders = async (tx: Transaction, senderIds: string[]): Promise<Set<string>> => {
  const free = await tx.tryLockAllShared(senderIds.map(sendsOf));
  return new Set(senderIds.filter((id) => free.has(sendsOf(id))));
};

export const lockFreeThreads = async (tx: Transaction, threadIds: string[]): Promise<Set<string>> => {
  const free = await tx.query<{ id: string }>(
    `SELECT id FROM threads WHERE organization_id = $1 AND id = ANY ($2) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`,
    [tx.organizationId, threadIds],
  );
  return new Set(free.map(({ id }) => id));
};

const isIn = (threadId: string, userId: string): string =>
  `EXISTS (SELECT FROM participants WHERE organization_id = $1 AND thread_id = ${threadId} AND user_id = ${userId}
     AND left_at IS NULL OFFSET 0)`;

const LOCK_THREADS =
  'SELECT FROM threads WHERE organization_id = $1 AND id = ANY ($2) ORDER BY id FOR NO KEY UPDATE';

/**
 * Inserts the messages, and updates threads and participants: both rows of a direct thread; in a group those of the
 * sender and of people who block the sender, in the order of threads, as a block locks them. A message is never dated
 * before the previous one, even if the clock was set back.
 *
 * OFFSET 0 looks up each row by its key; see docs/architecture.md. INSERT … ON CONFLICT finds each participant by its
 * key, where the join of an UPDATE might read the whole table. It never inserts one: the rows exist, and nobody adds or
 * deletes rows of a locked thread.
 */
const INSERT = `
  WITH draft AS (
    SELECT draft.at, draft.id, draft.thread_id, draft.sender_id, draft.subject, draft.content, draft.reply_to_id,
           draft.client_token, draft.request_hash, draft.api_key_id, kind, pair_low, pair_high,
           row_number() OVER (PARTITION BY draft.thread_id ORDER BY draft.at) AS place
    FROM jsonb_to_recordset($2) AS draft (at integer, id uuid, thread_id uuid, sender_id uuid, subject text,
      content text, reply_to_id uuid, client_token text, request_hash bytea, api_key_id uuid)
    CROSS JOIN LATERAL (
      SELECT kind, pair_low, pair_high FROM threads WHERE organization_id = $1 AND id = draft.thread_id OFFSET 0
    ) AS thread
    WHERE CASE kind
      WHEN 'direct' THEN ${isIn('draft.thread_id', 'pair_low')} AND ${isIn('draft.thread_id', 'pair_high')}
        AND NOT ${hasBlocked('CASE draft.sender_id WHEN pair_low THEN pair_high ELSE pair_low END', 'draft.sender_id')}
      ELSE ${isIn('draft.thread_id', 'draft.sender_id')} END
      AND EXISTS (SELECT FROM members
        WHERE organization_id = $1 AND user_id = draft.sender_id AND removed_at IS NULL OFFSET 0)
  ), thread AS (
    UPDATE threads
    SET last_seq = last_seq + (SELECT count(*) FROM draft WHERE draft.thread_id = threads.id),
        last_message_at = greatest(clock_timestamp(), last_message_at)
    WHERE organization_id = $1 AND id = ANY (ARRAY(SELECT thread_id FROM draft))
    RETURNING id, last_seq, last_message_at, participant_count
  ), message AS (
    SELECT draft.*, last_seq - count(*) OVER (PARTITION BY thread_id) + place AS seq, last_seq, last_message_at,
           participant_count - 1 AS recipients
    FROM draft JOIN thread ON thread.id = draft.thread_id
  ), written AS (
    INSERT INTO messages (organization_id, thread_id, seq, id, sender_id, subject, content, reply_to_id,
                          client_token, request_hash, api_key_id, created_at)
    SELECT $1, thread_id, seq, id, sender_id, subject, content, reply_to_id, client_token, request_hash,
           api_key_id, last_message_at
    FROM message
  ), counted AS (
    INSERT INTO participants AS part (organization_id, thread_id, user_id, newest_seq, active_at, settled, last_sent_at)
    SELECT $1, changed.* FROM (
      SELECT thread_id, person, max(last_seq) FILTER (WHERE kind = 'direct'),
             max(last_message_at) FILTER (WHERE kind = 'direct'), count(*) FILTER (WHERE is_settled),
             max(last_message_at) FILTER (WHERE person = sender_id)
      FROM message CROSS JOIN LATERAL (
        SELECT person, person = sender_id AS is_settled FROM unnest(ARRAY[pair_low, pair_high]) AS person
        WHERE kind = 'direct'
        UNION ALL SELECT sender_id, true WHERE kind = 'group'
        UNION ALL SELECT blocker_id, true FROM (${blockersOf('sender_id')}) AS blocker WHERE kind = 'group'
      ) AS each
      GROUP BY thread_id, person ORDER BY thread_id, person
    ) AS changed
    WHERE ${isIn('changed.thread_id', 'changed.person')}
    ON CONFLICT (organization_id, thread_id, user_id) DO UPDATE
    SET newest_seq = excluded.newest_seq, active_at = excluded.active_at,
        settled = part.settled + excluded.settled,
        last_sent_at = coalesce(excluded.last_sent_at, part.last_sent_at)
    WHERE part.left_at IS NULL
  )
  SELECT id, seq, last_message_at AS created_at, recipients FROM message ORDER BY at`;

export interface KnownToken {
  id: string;
  thread_id: string;
  seq: number;
  request_hash: Buffer;
}

/** The messages that were sent with these tokens before. */
export async function findByTokens(
  tx: Transaction,
  sends: { senderId: string; input: MessageInput }[],
): Promise<(KnownToken | undefined)[]> {
  const tokens = sends.flatMap(({ senderId, input }, at) =>
    input.client_token === undefined ? [] : [{ at, senderId, token: input.client_token }],
  );
  if (tokens.length === 0) return [];
  const rows = await tx.query<KnownToken & { at: number }>(
    `SELECT asked.at, known.id, known.thread_id, known.seq, known.request_hash
     FROM unnest($2::integer[], $3::uuid[], $4::text[]) AS asked (at, sender_id, client_token)
     CROSS JOIN LATERAL (
       SELECT id, thread_id, seq, request_hash FROM messages
       WHERE organization_id = $1 AND sender_id = asked.sender_id AND client_token = asked.client_token OFFSET 0
     ) AS known`,
    [
      tx.organizationId,
      tokens.map(({ at }) => at),
      tokens.map(({ senderId }) => senderId),
      tokens.map(({ token }) => token),
    ],
  );
  const known: (KnownToken | undefined)[] = [];
  for (const { at, ...row } of rows) known[at] = row;
  return known;
}

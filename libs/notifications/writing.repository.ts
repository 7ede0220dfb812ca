import { v7 as uuid } from 'uuid';
import type { Transaction } from '#database';
import type { Decisions } from '#preferences';
import { WITH_STATUS } from './status.js';

/** What is told, the same to all who are told of it. */
export interface Telling {
  sourceId: string;
  type: string;
  title: string;
  body: string;
  data: Record<string, unknown>;
  actionUrl?: string;
  priority: 'normal' | 'urgent';
  actorId?: string;
  messageSeq?: number;
  expiresAt?: Date;
}

/** One who is told, and how. */
export interface Recipient {
  /** Made here unless it must be known beforehand, as in the demo. */
  id?: string;
  userId: string;
  decisions: Decisions;
  isShown: boolean;
  isRead: boolean;
  aggregationId: string | null;
}

/**
 * Tells each of them once, however often it comes here, and answers with those to whom it was new. Their feeds are
 * locked in the order of their ids, so that two tellings to the same people cannot wait for each other.
 */
export async function insertNotifications(
  tx: Transaction,
  telling: Telling,
  recipients: Recipient[],
): Promise<{ id: string; user_id: string }[]> {
  if (recipients.length === 0) return [];
  const rows = recipients
    .toSorted((one, other) => (one.userId < other.userId ? -1 : 1))
    .map((recipient) => ({ ...recipient, id: recipient.id ?? uuid() }));
  return tx.query<{ id: string; user_id: string }>(INSERT, [
    tx.organizationId,
    telling.sourceId,
    rows.map(({ userId }) => userId),
    rows.map(({ id }) => id),
    rows.map(({ decisions }) => JSON.stringify(decisions)),
    rows.map(({ isShown }) => isShown),
    rows.map(({ isRead }) => isRead),
    rows.map(({ aggregationId }) => aggregationId),
    telling.type,
    telling.title,
    telling.body,
    telling.data,
    telling.actionUrl,
    telling.priority,
    telling.actorId,
    telling.messageSeq,
    telling.expiresAt,
  ]);
}

/**
 * Who knows of it already is found by the unique key alone, and leaves a gap in their numbers: to look before would
 * be left to a plan, and one that was made while the table was small goes through all of it. A clock that was set
 * back must not put one before the one that it follows.
 */
const INSERT = `
  WITH person AS (
    SELECT user_id, id, decisions, is_shown, is_read, aggregation_id FROM unnest($3::uuid[], $4::uuid[], $5::jsonb[], $6::boolean[], $7::boolean[], $8::uuid[])
      AS person (user_id, id, decisions, is_shown, is_read, aggregation_id)
  ), numbered AS (
    INSERT INTO feeds (organization_id, user_id, last_seq, last_created_at)
    SELECT $1, user_id, 1, clock_timestamp() FROM person ORDER BY user_id
    ON CONFLICT (organization_id, user_id) DO UPDATE
    SET last_seq = feeds.last_seq + 1, last_created_at = greatest(clock_timestamp(), feeds.last_created_at)
    RETURNING user_id, last_seq, last_created_at
  )
  INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, data, action_url,
                             priority, actor_id, aggregation_id, message_seq, decisions, suppressed_at, read_at,
                             expires_at, created_at)
  SELECT $1, person.user_id, numbered.last_seq, person.id, $2, $9, $10, $11, $12, $13, $14, $15,
         person.aggregation_id, $16, person.decisions, CASE WHEN NOT person.is_shown THEN now() END,
         CASE WHEN person.is_read THEN now() END, $17, numbered.last_created_at
  FROM person JOIN numbered USING (user_id)
  ON CONFLICT (organization_id, source_id, user_id) DO NOTHING
  RETURNING id, user_id`;

/** Who is told of the message sees what it says now. */
export async function rewriteBody(tx: Transaction, sourceId: string, body: string): Promise<void> {
  await tx.query('UPDATE notifications SET body = $3 WHERE organization_id = $1 AND source_id = $2', [
    tx.organizationId,
    sourceId,
    body,
  ]);
}

/** From everybody, or from one person. */
export async function retract(tx: Transaction, sourceId: string, userId?: string): Promise<number> {
  const retracted = await tx.query(
    `UPDATE notifications SET deleted_at = now()
     WHERE organization_id = $1 AND source_id = $2 AND deleted_at IS NULL AND ($3::uuid IS NULL OR user_id = $3)
     RETURNING true`,
    [tx.organizationId, sourceId, userId],
  );
  return retracted.length;
}

/** What a person has read in a thread they need not be told of any more. */
export async function readAggregation(
  tx: Transaction,
  userId: string,
  aggregationId: string,
  upToSeq: number,
): Promise<void> {
  const values = [tx.organizationId, userId, aggregationId, upToSeq];
  await Promise.all(
    [WITH_STATUS.unread, 'suppressed_at IS NOT NULL AND read_at IS NULL AND deleted_at IS NULL'].map(
      (condition) =>
        tx.query(
          `UPDATE notifications SET read_at = now()
           WHERE organization_id = $1 AND user_id = $2 AND aggregation_id = $3 AND message_seq <= $4
             AND type = 'MESSAGE' AND ${condition}`,
          values,
        ),
    ),
  );
}

/** The same for a telling to many, some at a time; answers how many there were. */
export async function retractSome(tx: Transaction, sourceId: string, limit: number): Promise<number> {
  const retracted = await tx.query(
    `UPDATE notifications SET deleted_at = now()
     WHERE organization_id = $1 AND (source_id, user_id) IN (
       SELECT source_id, user_id FROM notifications
       WHERE organization_id = $1 AND source_id = $2 AND deleted_at IS NULL
       ORDER BY user_id LIMIT $3 FOR UPDATE)
     RETURNING true`,
    [tx.organizationId, sourceId, limit],
  );
  return retracted.length;
}

import { v7 as uuid } from 'uuid';
import type { Transaction } from '#database';
import type { PersonCaller } from '#identity';

export interface Context {
  type: string;
  id: string;
  label?: string;
}

export interface Opened {
  id: string;
  created: boolean;
}

/** Two people, and the id for their thread if it is created. */
export interface Pair {
  userId: string;
  otherId: string;
  id?: string;
}

/**
 * Returns the direct threads of these pairs, and creates missing ones. Of many concurrent calls, one creates the
 * thread. It is inserted before its participants, because row-level security only admits people to an existing
 * thread. The statements are sent at once. Rows are inserted in the order of pairs and people, so that concurrent
 * calls cannot deadlock. A person who was erased and is a member again has no row in the old thread, and gets a new
 * one without its history.
 */
export async function openDirect(tx: Transaction, pairs: Pair[]): Promise<Opened[]> {
  const wanted = pairs.map(({ userId, otherId, id = uuid() }) => ({
    id,
    pair: [userId, otherId].toSorted(),
  }));
  const ids = wanted.map(({ id }) => id);
  const lows = wanted.map(({ pair: [low] }) => low);
  const highs = wanted.map(({ pair: [, high] }) => high);
  const [, , threads] = await Promise.all([
    tx.query(
      `INSERT INTO threads (organization_id, id, kind, pair_low, pair_high, participant_count)
       SELECT $1, id, 'direct', low, high, 2
       FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS pair (id, low, high) ORDER BY low, high
       ON CONFLICT DO NOTHING`,
      [tx.organizationId, ids, lows, highs],
    ),
    tx.query(
      `INSERT INTO participants (organization_id, thread_id, user_id, partner_id, joined_seq, settled, last_read_seq,
                                 newest_seq, active_at)
       SELECT $1, thread.id, each.user_id, each.partner_id, last_seq, last_seq, last_seq, last_seq,
              coalesce(last_message_at, created_at)
       FROM unnest($2::uuid[], $3::uuid[]) AS pair (low, high)
       CROSS JOIN LATERAL (
         SELECT id, last_seq, last_message_at, created_at FROM threads
         WHERE organization_id = $1 AND kind = 'direct' AND pair_low = low AND pair_high = high OFFSET 0) AS thread
       CROSS JOIN LATERAL (VALUES (low, high), (high, low)) AS each (user_id, partner_id)
       ORDER BY each.user_id, thread.id ON CONFLICT DO NOTHING`,
      [tx.organizationId, lows, highs],
    ),
    tx.query<{ id: string }>(
      `SELECT thread.id
       FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS pair (low, high, at)
       CROSS JOIN LATERAL (
         SELECT id FROM threads
         WHERE organization_id = $1 AND kind = 'direct' AND pair_low = low AND pair_high = high OFFSET 0) AS thread
       ORDER BY at`,
      [tx.organizationId, lows, highs],
    ),
  ]);
  return threads.map(({ id }, at) => ({ id, created: id === ids[at] }));
}

export interface NewGroup {
  id?: string;
  subject: string;
  context?: Context;
  participantIds: string[];
}

/** The creator of a group owns it. */
export async function insertGroup(
  tx: Transaction,
  { userId }: PersonCaller,
  { id = uuid(), subject, context, participantIds }: NewGroup,
): Promise<string> {
  await Promise.all([
    tx.query(
      `INSERT INTO threads (organization_id, id, kind, subject, context_type, context_id, context_label,
                            participant_count)
       VALUES ($1, $2, 'group', $3, $4, $5, $6, $7)`,
      [tx.organizationId, id, subject, context?.type, context?.id, context?.label, participantIds.length + 1],
    ),
    tx.query(
      `INSERT INTO participants (organization_id, thread_id, user_id, owner_since)
       SELECT $1, $2, person, CASE person WHEN $3 THEN now() END FROM unnest($3::uuid || $4::uuid[]) AS person`,
      [tx.organizationId, id, userId, participantIds],
    ),
  ]);
  return id;
}

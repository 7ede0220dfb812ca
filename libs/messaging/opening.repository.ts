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

/**
 * The direct thread of two people, made if there is none. Of many who make it at once, one does. Row-level security
 * admits people to a thread that there is, so it is there before them; the statements go together.
 */
export async function openDirect(
  tx: Transaction,
  userId: string,
  otherId: string,
  id: string = uuid(),
): Promise<Opened> {
  const pair = [userId, otherId].toSorted();
  const [, , [thread]] = await Promise.all([
    tx.query(
      `INSERT INTO threads (organization_id, id, kind, pair_low, pair_high, participant_count)
       VALUES ($1, $2, 'direct', $3, $4, 2) ON CONFLICT DO NOTHING`,
      [tx.organizationId, id, ...pair],
    ),
    tx.query(
      `INSERT INTO participants (organization_id, thread_id, user_id, partner_id, newest_seq, active_at)
       SELECT $1, made.id, pair.one, pair.other, 0, made.created_at
       FROM threads AS made CROSS JOIN (VALUES ($3::uuid, $4::uuid), ($4, $3)) AS pair (one, other)
       WHERE made.organization_id = $1 AND made.id = $2`,
      [tx.organizationId, id, ...pair],
    ),
    tx.query<{ id: string }>(
      `SELECT id FROM threads
       WHERE organization_id = $1 AND kind = 'direct' AND pair_low = $2 AND pair_high = $3`,
      [tx.organizationId, ...pair],
    ),
  ]);
  return { id: thread!.id, created: thread!.id === id };
}

export interface NewGroup {
  id?: string;
  subject: string;
  context?: Context;
  participantIds: string[];
}

/** Whoever makes a group owns it. */
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

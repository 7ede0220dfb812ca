import { type Actor, audit } from '#audit';
import type { Transaction } from '#database';
import { leaveSomeGroups, removeMember } from './members.queries.js';

/** The result of one erasure step in one organization. For most tables, a step erases a part of the rows. */
export interface Erased {
  rows: number;
  isMore: boolean;
}

/** Erases at most the next `limit` rows. A repeat continues, because erased rows are no longer found. */
export type ErasureStep = (tx: Transaction, userId: string, limit: number) => Promise<Erased>;

/** A step that is one function of the database, which returns how many rows it erased. */
export const erasureBy =
  (name: string): ErasureStep =>
  async (tx, userId, limit) => {
    const [gone] = await tx.query<{ rows: number }>(`SELECT ${name}($1, $2) AS rows`, [userId, limit]);
    return { rows: gone!.rows, isMore: gone!.rows === limit };
  };

/**
 * Serializes the chunks of one person. Returns false if there is nothing to erase: the person has been erased here,
 * or the event is a late repeat and the id belongs to a new person.
 */
export async function lockErased(tx: Transaction, userId: string): Promise<boolean> {
  await tx.lock(`member ${userId}`);
  const found = await tx.query(
    'SELECT FROM members WHERE organization_id = $1 AND user_id = $2 AND app_is_being_deleted($2)',
    [tx.organizationId, userId],
  );
  return found.length > 0;
}

/** One step of the ordinary removal. Returns false if the person was not a member any more. */
export async function removeErased(tx: Transaction, userId: string, platform: Actor): Promise<boolean> {
  if (await leaveSomeGroups(tx, userId)) return true;
  if (!(await removeMember(tx, userId))) return false;
  tx.record('member.removed', { user_id: userId });
  await audit(tx, platform, { action: 'member.remove', targetType: 'user', targetId: userId });
  return true;
}

export async function countErased(tx: Transaction, userId: string, rows: number): Promise<void> {
  if (rows > 0) await tx.query('SELECT app_count_erased($1, $2)', [userId, rows]);
}

/** Deletes the member. The few remaining rows are deleted by foreign keys. */
export async function eraseMember(tx: Transaction, userId: string): Promise<void> {
  await tx.query('SELECT app_erase_member($1)', [userId]);
}

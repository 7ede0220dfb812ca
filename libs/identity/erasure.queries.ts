import { type Actor, audit } from '#audit';
import type { Transaction } from '#database';
import { removeMember } from './members.queries.js';

/** What a step of the erasure of a person has done in one organization: of most tables, a part of their rows. */
export interface Erased {
  rows: number;
  isMore: boolean;
}

/** Takes away the next so many rows, at most. Done again it goes on: what is gone is not found any more. */
export type ErasureStep = (tx: Transaction, userId: string, limit: number) => Promise<Erased>;

/** A step that is one function of the database, which answers how many rows it took away. */
export const erasureBy =
  (name: string): ErasureStep =>
  async (tx, userId, limit) => {
    const [gone] = await tx.query<{ rows: number }>(`SELECT ${name}($1, $2) AS rows`, [userId, limit]);
    return { rows: gone!.rows, isMore: gone!.rows === limit };
  };

/**
 * Lets the chunks of one person pass one by one. False where there is nothing to erase: the person has been erased
 * here, or the event is a late repeat and the id belongs to somebody else by now.
 */
export async function lockErased(tx: Transaction, userId: string): Promise<boolean> {
  await tx.lock(`member ${userId}`);
  const found = await tx.query(
    'SELECT FROM members WHERE organization_id = $1 AND user_id = $2 AND app_is_being_deleted($2)',
    [tx.organizationId, userId],
  );
  return found.length > 0;
}

/** The ordinary removal. False where they were no member any more. */
export async function removeErased(tx: Transaction, userId: string, platform: Actor): Promise<boolean> {
  if (!(await removeMember(tx, userId))) return false;
  tx.record('member.removed', { user_id: userId });
  await audit(tx, platform, { action: 'member.remove', targetType: 'user', targetId: userId });
  return true;
}

export async function countErased(tx: Transaction, userId: string, rows: number): Promise<void> {
  if (rows > 0) await tx.query('SELECT app_count_erased($1, $2)', [userId, rows]);
}

/** The last trace; what else there is of them goes along by foreign keys, a few rows at most. */
export async function eraseMember(tx: Transaction, userId: string): Promise<void> {
  await tx.query('SELECT app_erase_member($1)', [userId]);
}

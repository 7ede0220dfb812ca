import type { Transaction } from '#database';

/** False where it was there already. */
export async function insertBlock(tx: Transaction, blockerId: string, blockedId: string): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO blocks (organization_id, blocker_id, blocked_id) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING RETURNING true`,
    [tx.organizationId, blockerId, blockedId],
  );
  return inserted.length > 0;
}

/** False where there was none. */
export async function deleteBlock(tx: Transaction, blockerId: string, blockedId: string): Promise<boolean> {
  const deleted = await tx.query(
    `DELETE FROM blocks WHERE organization_id = $1 AND blocker_id = $2 AND blocked_id = $3 RETURNING true`,
    [tx.organizationId, blockerId, blockedId],
  );
  return deleted.length > 0;
}

export interface BlockedPerson {
  user_id: string;
  username: string;
  display_name: string;
  blocked_at: Date;
}

/** In the order of their ids, so that a page does not shift while somebody is added. */
export const listBlocked = (
  tx: Transaction,
  blockerId: string,
  { limit, after }: { limit: number; after?: string },
): Promise<BlockedPerson[]> =>
  tx.query<BlockedPerson>(
    `SELECT members.user_id, members.username, members.display_name, blocks.created_at AS blocked_at
     FROM blocks JOIN members ON members.organization_id = $1 AND members.user_id = blocks.blocked_id
     WHERE blocks.organization_id = $1 AND blocks.blocker_id = $2 AND ($3::uuid IS NULL OR blocks.blocked_id > $3)
     ORDER BY blocks.blocked_id LIMIT $4`,
    [tx.organizationId, blockerId, after, limit],
  );

/** Anybody of this organization can be blocked, also who cannot be seen: the answer must not tell. */
export async function findBlockable(
  tx: Transaction,
  condition: string,
  value: string,
): Promise<string | undefined> {
  const [member] = await tx.query<{ user_id: string }>(
    `SELECT user_id FROM members WHERE organization_id = $1 AND ${condition}`,
    [tx.organizationId, value],
  );
  return member?.user_id;
}

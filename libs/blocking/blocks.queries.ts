import { NIL } from 'uuid';
import type { PageAfter, Transaction } from '#database';

/** Stores the names as they are now. False where the block exists already. */
export async function insertBlock(tx: Transaction, blockerId: string, blockedId: string): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO blocks (organization_id, blocker_id, blocked_id, username, display_name)
     SELECT $1, $2, user_id, username, display_name FROM members WHERE organization_id = $1 AND user_id = $3
     ON CONFLICT DO NOTHING RETURNING true`,
    [tx.organizationId, blockerId, blockedId],
  );
  return inserted.length > 0;
}

export interface BlockedPerson {
  user_id: string;
  username: string;
  display_name: string;
  blocked_at: Date;
}

/**
 * In the order of their ids, so that a page does not shift while somebody is added. The names are those of the time of
 * the block: the blocker may no longer see the current ones. A server of an older version does not store names.
 */
export const listBlocked = (
  tx: Transaction,
  blockerId: string,
  { limit, after = NIL }: PageAfter,
): Promise<BlockedPerson[]> =>
  tx.query<BlockedPerson>(
    `SELECT blocks.blocked_id AS user_id, coalesce(blocks.username, members.username) AS username,
            coalesce(blocks.display_name, members.display_name) AS display_name, blocks.created_at AS blocked_at
     FROM blocks JOIN members ON members.organization_id = $1 AND members.user_id = blocks.blocked_id
     WHERE blocks.organization_id = $1 AND blocks.blocker_id = $2 AND blocks.blocked_id > $3
     ORDER BY blocks.blocked_id LIMIT $4`,
    [tx.organizationId, blockerId, after, limit],
  );

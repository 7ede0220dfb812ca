import type { Transaction } from '#database';
import type { UserDeletion } from './deletion.entity.js';

export type Deletion = Omit<UserDeletion, 'rows_erased'> & {
  rows_erased: number;
  organizations_left: number;
};

const lockName = (userId: string): string => `user ${userId}`;

/** Over all organizations: nobody is made a member while the deletion of that person is being asked for. */
export async function lockUser(tx: Transaction, userId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lockName(userId)]);
}

/** Held by those who make a member. Whether the deletion of the person is under way. */
export async function isBeingDeleted(tx: Transaction, userId: string): Promise<boolean> {
  const [, [found]] = await Promise.all([
    tx.query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [lockName(userId)]),
    tx.query<{ deleting: boolean }>('SELECT app_is_being_deleted($1) AS deleting', [userId]),
  ]);
  return found!.deleting;
}

export async function findDeletion(tx: Transaction, userId: string): Promise<Deletion | undefined> {
  const [deletion] = await tx.query<Deletion>(
    `SELECT user_id, api_key_id, request_id, rows_erased, requested_at, finished_at,
            CASE WHEN finished_at IS NULL THEN (SELECT count(*) FROM app_organizations_of($1)) ELSE 0 END
              AS organizations_left
     FROM user_deletions WHERE user_id = $1`,
    [userId],
  );
  return deletion;
}

/** Of somebody who was deleted before and created again, a new one. */
export async function startDeletion(
  tx: Transaction,
  userId: string,
  { keyId, requestId }: { keyId?: string; requestId: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO user_deletions (user_id, api_key_id, request_id) VALUES ($1, $2, $3)
     ON CONFLICT (user_id) DO UPDATE
     SET api_key_id = excluded.api_key_id, request_id = excluded.request_id, rows_erased = 0,
         requested_at = now(), finished_at = NULL`,
    [userId, keyId, requestId],
  );
}

export async function finishDeletion(tx: Transaction, userId: string): Promise<void> {
  await tx.query('DELETE FROM users WHERE id = $1', [userId]);
  await tx.query('UPDATE user_deletions SET finished_at = now() WHERE user_id = $1', [userId]);
}

/** Also those that removed them before. */
export async function organizationsOf(tx: Transaction, userId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>('SELECT id FROM app_organizations_of($1) AS id', [userId]);
  return rows.map(({ id }) => id);
}

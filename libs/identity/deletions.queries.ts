import type { Transaction } from '#database';
import type { UserDeletion } from './deletion.entity.js';
import { User } from './entities.js';

export type Deletion = Omit<UserDeletion, 'rows_erased'> & {
  rows_erased: number;
  organizations_left: number;
};

const lockName = (userId: string): string => `user ${userId}`;

/**
 * Locks the person across all organizations, so that nobody adds them as a member while their deletion is requested.
 */
export async function lockUser(tx: Transaction, userId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lockName(userId)]);
}

/** Returns whether the person is being deleted. The lock is held by transactions that create members. */
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

/** Starts a new deletion for a person who was deleted before and created again. */
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
  await tx.repository(User).delete({ id: userId });
  await tx.query('UPDATE user_deletions SET finished_at = now() WHERE user_id = $1', [userId]);
}

/** Includes organizations that removed the person before. */
export async function organizationsOf(tx: Transaction, userId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>('SELECT id FROM app_organizations_of($1) AS id', [userId]);
  return rows.map(({ id }) => id);
}

import { deserialize, serialize } from 'node:v8';
import { Problem } from '#problem';
import { LOCK_NOT_AVAILABLE, sqlStateOf } from './sql-state.js';
import type { RelayPool } from './relay-pool.js';
import type { Transaction } from './transaction.js';

/**
 * A request that may be repeated. Its transaction stores the result under this key, so that the work is done once and
 * a repeat gets the same result.
 */
export interface IdempotentRequest {
  /** The sender. The same key of another sender is another key. */
  principal: string;
  key: string;
  /** Hash of method, path and body, because the same key must mean the same request. */
  hash: Buffer;
  /**
   * Set once a transaction has taken the key, so that a second transaction of the same request does not take it
   * again.
   */
  taken: boolean;
  replayed: boolean;
}

type Taken<T> = { replay: false } | { replay: true; result: T };

/** Does the work, or returns the result that a request with the same key has stored. */
export async function once<T>(
  tx: Transaction,
  request: IdempotentRequest,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  if (request.taken) return work(tx);
  const known = await takeKey<T>(tx, request);
  request.replayed = known.replay;
  const result = known.replay ? known.result : await work(tx);
  if (!known.replay) await keepResult(tx, request, result);
  return result;
}

/** Waits at most lock_timeout while another transaction holds the key. */
async function takeKey<T>(tx: Transaction, request: IdempotentRequest): Promise<Taken<T>> {
  const taken = await tx
    .query(
      `INSERT INTO idempotency_keys AS known (organization_id, principal, key, request_hash)
       VALUES ($1, $2, $3, $4)
       ON CONFLICT (organization_id, principal, key) DO UPDATE
       SET request_hash = excluded.request_hash, result = NULL, created_at = now()
       WHERE known.created_at < now() - interval '24 hours'
       RETURNING true`,
      [tx.organizationId, request.principal, request.key, request.hash],
    )
    .catch((error: unknown) => {
      if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      throw new Problem(
        'conflict',
        'A request with this Idempotency-Key is in progress: try again when it has finished.',
      );
    });
  if (taken.length > 0) return { replay: false };

  const [known] = await tx.query<{ request_hash: Buffer; result: Buffer }>(
    'SELECT request_hash, result FROM idempotency_keys WHERE organization_id = $1 AND principal = $2 AND key = $3',
    [tx.organizationId, request.principal, request.key],
  );
  if (!known?.request_hash.equals(request.hash)) throw new Problem('idempotency_mismatch');
  return { replay: true, result: deserialize(known.result) as T };
}

/** Uses a structured clone instead of JSON: dates come back as dates, so presenters need not distinguish a replay. */
async function keepResult(tx: Transaction, request: IdempotentRequest, result: unknown): Promise<void> {
  await tx.query(
    'UPDATE idempotency_keys SET result = $4 WHERE organization_id = $1 AND principal = $2 AND key = $3',
    [tx.organizationId, request.principal, request.key, serialize(result)],
  );
}

/** Deletes keys older than 24 hours, at most `limit`, and returns how many. */
export async function deleteIdempotencyKeys(relay: RelayPool, limit: number): Promise<number> {
  const deleted = await relay.query(
    `DELETE FROM idempotency_keys WHERE (organization_id, principal, key) IN (
       SELECT organization_id, principal, key FROM idempotency_keys
       WHERE created_at < now() - interval '24 hours' LIMIT $1)
     RETURNING true`,
    [limit],
  );
  return deleted.length;
}

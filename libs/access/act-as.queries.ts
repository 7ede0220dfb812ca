import { NIL } from 'uuid';
import type { RetentionRule, Transaction } from '#database';
import type { ErasureStep } from '#identity';
import type { ActAs } from './act-as-trace.service.js';

/** Stands for the platform key of the environment, which has no id. */
const NO_KEY = NIL;

/**
 * Returns the reads that were not audited within the last hour, by the clock of the database, and marks them. One row
 * per read is shared by all processes. Rows are locked in the order of their keys, so that two transactions cannot
 * deadlock.
 */
export async function markReads(tx: Transaction, reads: ActAs[]): Promise<Set<ActAs>> {
  const first = new Map<string, ActAs>();
  for (const read of reads) first.set(keyOf(read.caller.keyId, read.caller.userId, read.route), read);
  const distinct = [...first.values()];
  const marked = await tx.query<{ key_id: string; user_id: string; route: string }>(
    `INSERT INTO act_as_reads AS known (organization_id, key_id, user_id, route, noted_at)
     SELECT $1, key_id, user_id, route, now()
     FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS read (key_id, user_id, route) ORDER BY 2, 3, 4
     ON CONFLICT (organization_id, key_id, user_id, route) DO UPDATE SET noted_at = excluded.noted_at
     WHERE known.noted_at <= excluded.noted_at - interval '1 hour'
     RETURNING key_id, user_id, route`,
    [
      tx.organizationId,
      distinct.map(({ caller }) => caller.keyId ?? NO_KEY),
      distinct.map(({ caller }) => caller.userId),
      distinct.map(({ route }) => route),
    ],
  );
  return new Set(marked.map(({ key_id, user_id, route }) => first.get(keyOf(key_id, user_id, route))!));
}

const keyOf = (keyId: string | undefined, userId: string, route: string): string =>
  [keyId ?? NO_KEY, userId, route].join(' ');

/**
 * Marks that are older than an hour have no effect, so they are deleted independently of RETENTION_DAYS. Rows that
 * are locked by a new mark are skipped.
 */
export const ACCESS_RETENTION: RetentionRule[] = [
  {
    table: 'act_as_reads',
    async remove(tx, _days, limit) {
      const removed = await tx.query(
        `DELETE FROM act_as_reads WHERE organization_id = $1 AND (key_id, user_id, route) IN (
           SELECT key_id, user_id, route FROM act_as_reads
           WHERE organization_id = $1 AND noted_at < now() - interval '2 hours'
           ORDER BY noted_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING true`,
        [tx.organizationId, limit],
      );
      return removed.length;
    },
  },
];

/** Without a limit, because the rows are few: housekeeping deletes them after two hours. */
export const eraseActAsReads: ErasureStep = async (tx, userId) => {
  const gone = await tx.query(
    `DELETE FROM act_as_reads WHERE organization_id = $1 AND user_id = $2 RETURNING true`,
    [tx.organizationId, userId],
  );
  return { rows: gone.length, isMore: false };
};

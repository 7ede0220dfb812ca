import type { Transaction } from './transaction.js';

/** A retention rule: which rows of a table are deleted after so many days. */
export interface RetentionRule {
  table: string;
  /** Deletes older rows, at most `limit`, the oldest first, and returns how many. */
  remove(tx: Transaction, days: number, limit: number): Promise<number>;
}

/** A rule for a table whose rows have a key, and a time in one column. */
export const retentionBy = (table: string, column: string, key: string[]): RetentionRule => ({
  table,
  async remove(tx, days, limit) {
    const columns = key.join(', ');
    const removed = await tx.query(
      `DELETE FROM ${table} WHERE organization_id = $1 AND (${columns}) IN (
         SELECT ${columns} FROM ${table}
         WHERE organization_id = $1 AND ${column} < now() - make_interval(days => $2)
         ORDER BY ${column} LIMIT $3)
       RETURNING true`,
      [tx.organizationId, days, limit],
    );
    return removed.length;
  },
});

import type { Transaction } from './transaction.js';

/** What is kept for RETENTION_DAYS: rows of one table. */
export interface RetentionRule {
  table: string;
  /** Removes rows that are older, at most so many, the oldest first. Answers how many. */
  remove(tx: Transaction, days: number, limit: number): Promise<number>;
}

/** A rule for a table whose rows are found by the time in one column, and by their key. */
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

import { Injectable } from '@nestjs/common';
import { Database, type RetentionRule, type Transaction, retentionBy } from '#database';
import { findDefaults } from '#preferences';
import { deleteExpired, findOldest, removeOlder } from './retention.queries.js';
import { FALLBACK_TYPE } from './create-notifications.js';

const BATCH = 1000;

export const NOTIFICATIONS_RETENTION: RetentionRule[] = [
  retentionBy('notification_requests', 'finished_at', ['id']),
];

/** Deletes notifications after the retention of their type, whatever their status, and expired ones. */
@Injectable()
export class RetentionService {
  constructor(private readonly database: Database) {}

  /** One batch of each, so that locks are short and other organizations have a turn. */
  async clear(organizationId: string): Promise<{ removed: number; isMore: boolean }> {
    const inTransaction = <T>(work: (tx: Transaction) => Promise<T>) =>
      this.database.organizationTransaction(organizationId, work);
    const expired = await inTransaction((tx) => deleteExpired(tx, BATCH));
    let isMore = expired === BATCH;
    let removed = 0;
    for (const { type, days } of await inTransaction(findDue)) {
      const old = await inTransaction((tx) => removeOlder(tx, type, days, BATCH));
      removed += old;
      isMore ||= old === BATCH;
    }
    return { removed, isMore };
  }
}

/** The types with notifications older than their retention, and this retention in days. */
async function findDue(tx: Transaction): Promise<{ type: string; days: number }[]> {
  const [{ types }, oldest] = await Promise.all([findDefaults(tx), findOldest(tx)]);
  return oldest.flatMap(({ type, days_old }) => {
    const { retention_days } = types.get(type) ?? types.get(FALLBACK_TYPE)!;
    return days_old > retention_days ? { type, days: retention_days } : [];
  });
}

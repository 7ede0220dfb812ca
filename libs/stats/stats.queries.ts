import { v7 as uuidOfTime } from 'uuid';
import type { Transaction } from '#database';
import type { DeliveryStatus } from '#delivery';

export interface Stats {
  members: number;
  threads: number;
  dead_letters: number;
  /** In the last 24 hours. */
  messages: number;
  deliveries: Partial<Record<DeliveryStatus, number>>;
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * Ids contain their time of creation, and keys are ordered by them, so a day is counted without reading older rows.
 * The number of notifications is left out: a missing one would reveal a block.
 */
export async function findStats(tx: Transaction, now: Date): Promise<Stats> {
  const [stats] = await tx.query<Stats>(
    `SELECT
       (SELECT count(*) FROM members WHERE organization_id = $1 AND removed_at IS NULL) AS members,
       (SELECT count(*) FROM threads WHERE organization_id = $1) AS threads,
       (SELECT count(*) FROM dead_letters WHERE organization_id = $1) AS dead_letters,
       (SELECT count(*) FROM messages WHERE organization_id = $1 AND id >= $2) AS messages,
       (SELECT coalesce(json_object_agg(status, count), '{}') FROM (
          SELECT status, count(*) FROM deliveries WHERE organization_id = $1 AND id >= $2 GROUP BY status
        ) AS each) AS deliveries`,
    [tx.organizationId, firstIdAt(now.getTime() - DAY)],
  );
  return stats!;
}

const firstIdAt = (msecs: number): string => uuidOfTime({ msecs, seq: 0, random: new Uint8Array(16) });

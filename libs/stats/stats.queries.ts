import { v7 as uuidOfTime } from 'uuid';
import type { Transaction } from '#database';
import { DELIVERY_STATUSES, type DeliveryStatus } from '#delivery';
import { SENT_CHANNELS } from '#outbound';

export interface Stats {
  members: number;
  threads: number;
  dead_letters: number;
  /** In the last 24 hours. */
  messages: number;
  deliveries: Record<DeliveryStatus, number>;
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * Counts stop here, so that they cost the same in an organization of any size. The index of members is enough to count
 * them, so more are counted.
 */
const [MAX_MEMBERS, MAX_COUNTED] = [100_000, 10_000];

/**
 * Ids contain their time of creation, and keys are ordered by them, so a day is counted without reading older rows. Each
 * count has the order of an index, so that the planner does not read the table of all organizations instead. The number
 * of notifications is left out: a missing one would reveal a block.
 */
export async function findStats(tx: Transaction, now: Date): Promise<Stats> {
  const [stats] = await tx.query<Stats>(
    `SELECT
       (SELECT count(*) FROM (
          SELECT FROM members WHERE organization_id = $1 AND removed_at IS NULL
          ORDER BY username_key LIMIT ${MAX_MEMBERS}) AS counted) AS members,
       (SELECT count(*) FROM (
          SELECT FROM threads WHERE organization_id = $1 ORDER BY id LIMIT ${MAX_COUNTED}) AS counted) AS threads,
       (SELECT count(*) FROM (
          SELECT FROM dead_letters WHERE organization_id = $1
          ORDER BY failed_at LIMIT ${MAX_COUNTED}) AS counted) AS dead_letters,
       (SELECT count(*) FROM (
          SELECT FROM messages WHERE organization_id = $1 AND id >= $2
          ORDER BY id LIMIT ${MAX_COUNTED}) AS counted) AS messages,
       (SELECT json_object_agg(any_status, (
          SELECT count(*) FROM (
            SELECT FROM unnest($4::text[]) AS any_channel CROSS JOIN LATERAL (
              SELECT FROM deliveries
              WHERE organization_id = $1 AND (status, channel) <= (any_status, any_channel)
                AND (status, channel, id) >= (any_status, any_channel, $2)
              ORDER BY status, channel, id LIMIT ${MAX_COUNTED}) AS each
            LIMIT ${MAX_COUNTED}) AS counted))
        FROM unnest($3::text[]) AS any_status) AS deliveries`,
    [tx.organizationId, firstIdAt(now.getTime() - DAY), DELIVERY_STATUSES, SENT_CHANNELS],
  );
  return stats!;
}

const firstIdAt = (msecs: number): string => uuidOfTime({ msecs, seq: 0, random: new Uint8Array(16) });

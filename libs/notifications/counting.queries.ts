import { NIL } from 'uuid';
import { Parameters, type Transaction } from '#database';
import { NOT_BLOCKED, OWN, VISIBLE } from './feed.queries.js';
import { WITH_STATUS } from './status.js';

/** Stands in the counts for no group or no actor. */
export const NONE = `'${NIL}'::uuid`;

/**
 * The unread counts of each type and group, minus those of blocked people and expired ones. The latter are few: only
 * those that expired since housekeeping last ran.
 */
export const countsOf = (condition: string): string => `
  SELECT type, aggregation_id, sum(unread)::bigint AS unread FROM (
    SELECT type, aggregation_id, unread FROM unread_counts
    WHERE ${OWN} AND ${NOT_BLOCKED} AND ${condition}
    UNION ALL
    SELECT type, coalesce(aggregation_id, ${NONE}), -1 FROM notifications
    WHERE ${OWN} AND ${WITH_STATUS.unread} AND expires_at <= now() AND ${NOT_BLOCKED} AND ${condition}
  ) AS each GROUP BY type, aggregation_id HAVING sum(unread) > 0`;

export interface FeedCount {
  unread_count: number;
  by_type: Record<string, number>;
}

export async function countFeed(tx: Transaction, userId: string): Promise<FeedCount> {
  const types = await tx.query<{ type: string; count: number }>(
    `SELECT type, sum(unread)::bigint AS count FROM (${countsOf('true')}) AS counted GROUP BY type ORDER BY type`,
    [tx.organizationId, userId],
  );
  return {
    unread_count: types.reduce((sum, { count }) => sum + count, 0),
    by_type: Object.fromEntries(types.map(({ type, count }) => [type, count])),
  };
}

/** How many of the unread notifications have at most this seq: all that are counted, minus those after it. */
export async function countUpTo(
  tx: Transaction,
  userId: string,
  seq: number,
  type?: string,
): Promise<number> {
  const parameters = new Parameters(tx.organizationId, userId);
  const ofType = parameters.optional('type =', type)[0] ?? 'true';
  const [row] = await tx.query<{ count: number }>(
    `SELECT (SELECT coalesce(sum(unread), 0)::bigint FROM (${countsOf(ofType)}) AS counted)
       - (SELECT count(*) FROM notifications
          WHERE ${OWN} AND ${WITH_STATUS.unread} AND ${VISIBLE} AND ${ofType} AND seq > ${parameters.add(seq)}) AS count`,
    parameters.values,
  );
  return row!.count;
}

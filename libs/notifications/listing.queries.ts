import { Parameters, type Transaction } from '#database';
import { NONE, countsOf } from './counting.queries.js';
import { type NotificationRow, OWN, SHOWN_COLUMNS, VISIBLE } from './feed.queries.js';
import { type Listed, WITH_STATUS } from './status.js';

export interface FeedList {
  status?: Listed;
  type?: string;
  since?: Date;
  grouped?: boolean;
  /** The last seq of the previous page. */
  before?: number;
  limit: number;
}

/** The newest notifications of a status, from its index alone. */
const newest = (status: Listed, conditions: string[], columns: string): string => `(
  SELECT ${columns} FROM notifications
  WHERE ${[OWN, WITH_STATUS[status], VISIBLE, ...conditions].join(' AND ')}
  ORDER BY seq DESC LIMIT $3)`;

/** Archived and suppressed notifications are only shown if the filter names them. */
const statusesOf = (status?: Listed): Listed[] => (status ? [status] : ['unread', 'read']);

/** A notification of the counted type. The unread counts have one row for each type and group. */
const COUNTED = `${OWN} AND ${WITH_STATUS.unread} AND ${VISIBLE} AND type = counted.type`;

/**
 * Unread notifications with groups folded: of each group the newest one, with its count, and the newest notifications
 * without a group.
 */
const folded = (ofType: string[], ofBefore: string[]): string => `(
  WITH counted AS (${countsOf(ofType[0] ?? 'true')})
  SELECT seq, unread AS count FROM counted CROSS JOIN LATERAL (
    SELECT seq FROM notifications WHERE ${COUNTED} AND aggregation_id = counted.aggregation_id
    ORDER BY seq DESC LIMIT 1) AS head
  WHERE ${[`aggregation_id <> ${NONE}`, ...ofBefore].join(' AND ')}
  UNION ALL
  SELECT seq, 1 FROM counted CROSS JOIN LATERAL (
    SELECT seq FROM notifications WHERE ${[COUNTED, 'aggregation_id IS NULL', ...ofBefore].join(' AND ')}
    ORDER BY seq DESC LIMIT $3) AS single
  WHERE aggregation_id = ${NONE})`;

/**
 * Newest first. The statement contains only the given filters, because it is planned once for any values. A page is
 * found first, and its rows are then looked up by key. created_at follows seq, so the first row before `since` ends
 * the scan.
 */
export function listFeed(
  tx: Transaction,
  userId: string,
  { status, type, since, grouped, before, limit }: FeedList,
): Promise<NotificationRow[]> {
  const parameters = new Parameters(tx.organizationId, userId, limit);
  const [ofType, ofBefore] = [parameters.optional('type =', type), parameters.optional('seq <', before)];
  const pages = statusesOf(status).map((one) =>
    grouped && one === 'unread'
      ? folded(ofType, ofBefore)
      : newest(one, [...ofType, ...ofBefore], grouped ? 'seq, 1 AS count' : 'seq'),
  );
  return tx.query<NotificationRow>(
    `SELECT ${SHOWN_COLUMNS}${grouped ? ', count' : ''}
     FROM (SELECT * FROM (${pages.join(' UNION ALL ')}) AS found ORDER BY seq DESC LIMIT $3) AS page
     CROSS JOIN LATERAL (
       SELECT ${SHOWN_COLUMNS.replace('seq, ', '')} FROM notifications
       WHERE ${OWN} AND notifications.seq = page.seq OFFSET 0) AS row
     ${parameters.optional('WHERE created_at >=', since).join('')} ORDER BY seq DESC`,
    parameters.values,
  );
}

import { Parameters, type Transaction } from '#database';
import { NONE, countsOf } from './counting.queries.js';
import { type NotificationRow, OWN, SHOWN_COLUMNS, VISIBLE } from './feed.queries.js';
import { type Listed, WITH_STATUS } from './status.js';

export interface FeedList {
  status?: Listed;
  type?: string;
  since?: Date;
  grouped?: boolean;
  /** The seq that the page before ended with. */
  before?: number;
  limit: number;
}

/** The newest ones of a status: from its index alone, until there are enough of them. */
const newest = (status: Listed, conditions: string[], columns: string): string => `(
  SELECT ${columns} FROM notifications
  WHERE ${[OWN, WITH_STATUS[status], VISIBLE, ...conditions].join(' AND ')}
  ORDER BY seq DESC LIMIT $3)`;

/** Archived ones, and what was suppressed, are shown where they are asked for. */
const statusesOf = (status?: Listed): Listed[] => (status ? [status] : ['unread', 'read']);

/** Seen from the counts, of which there is one for each type and group. */
const COUNTED = `${OWN} AND ${WITH_STATUS.unread} AND ${VISIBLE} AND type = counted.type`;

/**
 * The unread ones with groups folded: of each group that has one the newest, however many it holds, and beside
 * them the newest that are in no group.
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
 * Newest first. Only what is asked for is in the statement: it is planned once, for whatever values come. A page
 * is found first and looked up then, row by row. Times follow seq, so what is older than since ends it.
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

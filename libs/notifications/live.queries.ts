import type { Transaction } from '#database';
import { type NotificationRow, OWN, SHOWN, SHOWN_COLUMNS, VISIBLE, visibleTo } from './feed.queries.js';

/** Sent over WebSockets at once. Delayed notifications are not sent later: the feed contains them. */
const LIVE = `decisions #>> '{realtime,value}' = 'on' AND decisions #>> '{realtime,delayed_until}' IS NULL`;

/** The same for a row. */
export const isLive = ({ decisions, delivered_via_ws_at }: NotificationRow): boolean => {
  const { realtime } = decisions;
  return delivered_via_ws_at === null && realtime?.value === 'on' && !realtime.delayed_until;
};

/** The last seq in the feed of each person. People who are not members have none. */
export async function findLastSeqs(tx: Transaction, userIds: string[]): Promise<Map<string, number>> {
  const feeds = await tx.query<{ user_id: string; last_seq: number }>(
    `SELECT members.user_id, coalesce(last_seq, 0) AS last_seq
     FROM members LEFT JOIN feeds USING (organization_id, user_id)
     WHERE members.organization_id = $1 AND members.user_id = ANY ($2) AND removed_at IS NULL`,
    [tx.organizationId, userIds],
  );
  return new Map(feeds.map(({ user_id, last_seq }) => [user_id, last_seq]));
}

/** A position in the feed of a person. */
export interface FeedPosition {
  userId: string;
  after: number;
}

/** The next notifications after each position that are sent over WebSockets, in order. */
export async function findNewer(
  tx: Transaction,
  positions: FeedPosition[],
  limit: number,
): Promise<NotificationRow[][]> {
  const rows = await tx.query<NotificationRow & { nth: number }>(
    `SELECT nth, ${SHOWN_COLUMNS}
     FROM unnest($2::uuid[], $3::bigint[]) WITH ORDINALITY AS place (person_id, after, nth)
     CROSS JOIN LATERAL (
       SELECT ${SHOWN_COLUMNS} FROM notifications
       WHERE organization_id = $1 AND user_id = person_id AND seq > after AND ${LIVE}
         AND deleted_at IS NULL AND suppressed_at IS NULL AND archived_at IS NULL AND ${visibleTo('person_id')}
       ORDER BY seq LIMIT $4) AS newer
     ORDER BY nth, seq`,
    [tx.organizationId, positions.map(({ userId }) => userId), positions.map(({ after }) => after), limit],
  );
  const found = Map.groupBy(rows, ({ nth }) => nth);
  return positions.map((_, index) => found.get(index + 1) ?? []);
}

/** More are not sent one by one: the client loads the feed. */
const MAX_NEWS = 50;

/** A transaction may commit this long after its now(), which dates its notifications. */
const MARGIN_SECONDS = 60;

export interface FeedNews {
  /** undefined if there are too many. */
  rows: NotificationRow[] | undefined;
  last_seq: number;
}

/** What is new in the feed after a seq or, for clients that know none, since a time in seconds. */
export async function findNews(
  tx: Transaction,
  userId: string,
  { after, since }: { after?: number; since: number },
): Promise<FeedNews> {
  const rows = await tx.query<NotificationRow & { last_seq: number }>(
    `SELECT coalesce((SELECT last_seq FROM feeds WHERE organization_id = $1 AND user_id = $2), 0) AS last_seq, news.*
     FROM (SELECT) AS one LEFT JOIN (
       SELECT ${SHOWN_COLUMNS} FROM notifications
       WHERE ${SHOWN} AND seq > $3 ORDER BY seq DESC LIMIT ${MAX_NEWS + 1}
     ) AS news ON $5 OR news.created_at > to_timestamp($4::integer - ${MARGIN_SECONDS})
     ORDER BY seq`,
    // Under row-level security, no index is used for a comparison with coalesce().
    [tx.organizationId, userId, after ?? 0, since, after !== undefined],
  );
  const news = rows.filter(({ id }) => id !== null).map(({ last_seq: _seq, ...row }) => row);
  return { last_seq: rows[0]!.last_seq, rows: news.length > MAX_NEWS ? undefined : news };
}

/** Changed notifications: those that the feed shows, and the ids of those that it shows no longer. */
export async function findBySeq(
  tx: Transaction,
  userId: string,
  seqs: number[],
): Promise<{ shown: NotificationRow[]; gone: string[] }> {
  if (seqs.length === 0) return { shown: [], gone: [] };
  const rows = await tx.query<NotificationRow & { is_shown: boolean }>(
    `SELECT ${SHOWN_COLUMNS}, (deleted_at IS NULL AND ${VISIBLE}) AS is_shown FROM notifications
     WHERE ${OWN} AND seq = ANY ($3) AND suppressed_at IS NULL ORDER BY seq`,
    [tx.organizationId, userId, seqs],
  );
  const { shown = [], gone = [] } = Object.groupBy(rows, ({ is_shown }) => (is_shown ? 'shown' : 'gone'));
  return { shown: shown.map(({ is_shown: _shown, ...row }) => row), gone: gone.map(({ id }) => id) };
}

/** Marks notifications that reached an open WebSocket, so that the feed shows it. */
export async function markReached(tx: Transaction, ids: string[]): Promise<void> {
  await tx.query(
    `UPDATE notifications SET delivered_via_ws_at = now()
     WHERE organization_id = $1 AND id = ANY ($2) AND delivered_via_ws_at IS NULL`,
    [tx.organizationId, ids],
  );
}

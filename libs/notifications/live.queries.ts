import type { Transaction } from '#database';
import { type NotificationRow, SHOWN_COLUMNS, visibleTo } from './feed.queries.js';

/** Sent over WebSockets at once. Delayed notifications are not sent later: the feed contains them. */
const LIVE = `decisions #>> '{realtime,value}' = 'on' AND decisions #>> '{realtime,delayed_until}' IS NULL`;

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

/** Marks notifications that reached an open WebSocket, so that the feed shows it. */
export async function markReached(tx: Transaction, ids: string[]): Promise<void> {
  await tx.query(
    `UPDATE notifications SET delivered_via_ws_at = now()
     WHERE organization_id = $1 AND id = ANY ($2) AND delivered_via_ws_at IS NULL`,
    [tx.organizationId, ids],
  );
}

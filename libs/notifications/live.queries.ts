import type { Transaction } from '#database';
import { type NotificationRow, SHOWN_COLUMNS, visibleTo } from './feed.queries.js';

/** What a person is to be told at once: later, when quiet hours are over, the feed has it. */
const LIVE = `decisions #>> '{realtime,value}' = 'on' AND decisions #>> '{realtime,delayed_until}' IS NULL`;

/** How far the feeds of these people go. Who is no member has none. */
export async function findLastSeqs(tx: Transaction, userIds: string[]): Promise<Map<string, number>> {
  const feeds = await tx.query<{ user_id: string; last_seq: number }>(
    `SELECT members.user_id, coalesce(last_seq, 0) AS last_seq
     FROM members LEFT JOIN feeds USING (organization_id, user_id)
     WHERE members.organization_id = $1 AND members.user_id = ANY ($2) AND removed_at IS NULL`,
    [tx.organizationId, userIds],
  );
  return new Map(feeds.map(({ user_id, last_seq }) => [user_id, last_seq]));
}

/** A place in the feed of a person. */
export interface FeedPosition {
  userId: string;
  after: number;
}

/** What comes after each of these positions and is to be told at once: the next so many, in order. */
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

/** So that the feed shows what has reached the person while they had it open. */
export async function markReached(tx: Transaction, ids: string[]): Promise<void> {
  await tx.query(
    `UPDATE notifications SET delivered_via_ws_at = now()
     WHERE organization_id = $1 AND id = ANY ($2) AND delivered_via_ws_at IS NULL`,
    [tx.organizationId, ids],
  );
}

import type { TestDatabase } from '../support/database.js';

/**
 * Where what is kept differs from what it is kept of, in the threads of these people: no row, if all is well.
 * Counted by the superuser, with nothing that the product itself asks.
 */
export async function findDrift(
  database: TestDatabase,
  organizationId: string,
  userIds: string[],
): Promise<object[]> {
  return (
    await Promise.all(
      [DRIFT_OF_PARTICIPANTS, DRIFT_OF_THREADS, DRIFT_OF_MEMBERS].map((sql) =>
        database.query(sql, [organizationId, userIds]),
      ),
    )
  ).flat();
}

const DRIFT_OF_PARTICIPANTS = `
  WITH part AS (
    SELECT part.*, threads.kind, threads.last_seq, coalesce(part.newest_seq, threads.last_seq) AS newest
    FROM participants AS part JOIN threads ON threads.organization_id = $1 AND threads.id = part.thread_id
    WHERE part.organization_id = $1 AND part.user_id = ANY ($2)
  ), compared AS (
    SELECT part.thread_id, part.user_id, part.kind, part.left_at IS NOT NULL AS left, part.joined_seq,
           part.last_read_seq, part.newest, part.settled, part.newest_seq, part.last_seq,
           part.newest - part.settled AS kept, (
             SELECT count(*) FROM messages
             WHERE messages.organization_id = $1 AND messages.thread_id = part.thread_id AND messages.seq > part.joined_seq
               AND messages.seq > part.last_read_seq AND messages.seq <= part.newest
               AND messages.sender_id IS DISTINCT FROM part.user_id AND messages.deleted_at IS NULL
               AND messages.seq NOT IN (SELECT seq FROM hidden_messages AS hidden
                                        WHERE hidden.organization_id = $1 AND hidden.thread_id = part.thread_id
                                          AND hidden.user_id = part.user_id)
               AND (messages.sender_id IN (SELECT blocked_id FROM blocks
                                           WHERE organization_id = $1 AND blocker_id = part.user_id)) IS NOT TRUE
           ) AS unread, (
             SELECT coalesce(max(seq), 0) FROM read_marks
             WHERE read_marks.organization_id = $1 AND read_marks.thread_id = part.thread_id AND read_marks.user_id = part.user_id
           ) AS marked
    FROM part
  )
  SELECT * FROM compared
  WHERE kept <> unread OR marked > last_read_seq OR last_read_seq > last_seq
     OR (kind = 'direct' AND newest_seq IS DISTINCT FROM last_seq)`;

const DRIFT_OF_THREADS = `
  WITH mine AS (
    SELECT * FROM threads WHERE organization_id = $1 AND id IN (
      SELECT thread_id FROM participants WHERE organization_id = $1 AND user_id = ANY ($2))
  ), compared AS (
    SELECT mine.id, mine.kind, mine.last_seq, mine.participant_count,
           count(*) FILTER (WHERE left_at IS NULL) AS present,
           count(owner_since) AS owners, count(owner_since) FILTER (WHERE left_at IS NULL) AS present_owners,
           (SELECT count(*) FROM messages WHERE organization_id = $1 AND thread_id = mine.id) AS messages,
           (SELECT coalesce(max(seq), 0) FROM messages WHERE organization_id = $1 AND thread_id = mine.id) AS highest_seq,
           (SELECT count(*) FROM messages WHERE organization_id = $1 AND thread_id = mine.id AND hidden_by <> (
              SELECT count(*) FROM hidden_messages
              WHERE hidden_messages.organization_id = $1 AND hidden_messages.thread_id = mine.id AND hidden_messages.seq = messages.seq)) AS miscounted_hidden
    FROM mine JOIN participants ON participants.organization_id = $1 AND participants.thread_id = mine.id
    GROUP BY mine.id, mine.kind, mine.last_seq, mine.participant_count
  )
  SELECT * FROM compared
  WHERE participant_count <> present OR last_seq <> messages OR last_seq <> highest_seq OR miscounted_hidden > 0
     OR owners <> CASE WHEN kind = 'group' AND present > 0 THEN 1 ELSE 0 END OR owners <> present_owners`;

const DRIFT_OF_MEMBERS = `
  SELECT user_id, direct_threads FROM members
  WHERE organization_id = $1 AND user_id = ANY ($2) AND direct_threads <> (
    SELECT count(*) FROM participants
    WHERE participants.organization_id = $1 AND participants.user_id = members.user_id AND partner_id IS NOT NULL)`;

import type { Transaction } from '#database';
import { EPOCH, MAX_ROWS, MAX_THREADS, NOW, WEEK_SECONDS, partitionsSince, rowsOf } from './log.queries.js';
import type { Position } from './position.js';

/**
 * SQL: the rows of a partition that are visible now and were not in the snapshot of $2, by one range: half of the plan
 * that an organization needs, and it takes longer to build up than to execute. If a transaction is open for long, it goes
 * over what the person has read of the same thread meanwhile.
 */
const unread = (condition: string): string => `(
    ${rowsOf(condition)} AND xid >= pg_snapshot_xmin($2::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $2))`;

export interface PersonChanges extends Position {
  isMember: boolean;
  /** The position is of another cluster or of the future, or more changed than is worth sending. */
  isLost: boolean;
  threadIds: string[];
  /** Of the threads that the client shows. */
  messages: { thread_id: string; seq: number }[];
  /** Those of them that the person has joined or left: which messages they see may have changed altogether. */
  resetThreads: string[];
  /** The seqs of notifications. */
  notifications: number[];
  preferences: boolean;
}

/**
 * What changed for a person since the position, and the position of this statement. It must run with the scope of the
 * person. Of a group that they have left, they see what changed before, and later deletions.
 */
export async function findChangesOfPerson(
  tx: Transaction,
  userId: string,
  { epoch, takenAt, snapshot }: Position,
  { shown, among }: { shown: string[]; among?: string[] },
): Promise<PersonChanges> {
  const [found] = await tx.query<Omit<PersonChanges, 'isLost'> & { lost: boolean; blocked: boolean }>(
    OF_PERSON,
    [tx.organizationId, snapshot, takenAt, userId, shown, among],
  );
  const { lost, blocked, ...changes } = found!;
  const isTooMuch =
    changes.threadIds.length > MAX_THREADS ||
    changes.messages.length > MAX_ROWS ||
    changes.notifications.length > MAX_ROWS;
  return { ...changes, isLost: lost || blocked || isTooMuch || changes.epoch !== epoch };
}

const OF_THREAD = `changes.thread_id = mine.thread_id AND changes.user_id IS NULL
  AND (mine.left_at IS NULL OR changes.at <= mine.left_at OR changes.about_id = $4
    OR changes.kind = 'deletion' AND changes.seq <= mine.newest_seq)
  AND (changes.kind NOT IN ('message', 'deletion') OR changes.seq > mine.joined_seq)`;

const OF_MESSAGE = `changes.kind IN ('message', 'deletion')`;

/** Kept 14 days: older rows may be gone. */
const VALID_SECONDS = 2 * WEEK_SECONDS;

const OF_PERSON = `
  WITH partition AS MATERIALIZED (${partitionsSince('$3::integer')}),
  own AS MATERIALIZED (
    SELECT unread.* FROM partition CROSS JOIN LATERAL ${unread('changes.user_id = $4')} AS unread
    UNION ALL
    SELECT unread.* FROM partition
    CROSS JOIN LATERAL ${unread('changes.thread_id IS NULL AND changes.user_id IS NULL')} AS unread
  )
  SELECT ${NOW}, ${EPOCH},
    EXISTS (SELECT FROM members WHERE organization_id = $1 AND user_id = $4 AND removed_at IS NULL) AS "isMember",
    pg_snapshot_xmax($2::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot())
      OR $3::integer < extract(epoch FROM clock_timestamp()) - ${VALID_SECONDS} AS lost,
    EXISTS (SELECT FROM own WHERE kind = 'block') AS blocked,
    ARRAY(SELECT thread_id FROM unnest($5::uuid[]) AS shown (thread_id) WHERE EXISTS (
      SELECT FROM partition
      CROSS JOIN LATERAL ${unread(`changes.thread_id = shown.thread_id AND changes.kind = 'thread' AND changes.about_id = $4`)} AS unread
    )) AS "resetThreads",
    EXISTS (SELECT FROM own WHERE kind = 'preferences') AS preferences,
    coalesce((SELECT json_agg(seq) FROM (
      SELECT DISTINCT seq FROM own WHERE kind = 'notification' LIMIT ${MAX_ROWS + 1}) AS each), '[]') AS notifications,
    ARRAY(
      SELECT thread_id FROM own WHERE thread_id IS NOT NULL
      UNION
      SELECT mine.thread_id FROM (
        SELECT * FROM participants WHERE organization_id = $1 AND user_id = $4 AND $6::uuid[] IS NULL
        UNION ALL
        SELECT one.* FROM unnest($6::uuid[]) AS among (id) CROSS JOIN LATERAL (
          SELECT * FROM participants WHERE organization_id = $1 AND thread_id = among.id AND user_id = $4 OFFSET 0
        ) AS one OFFSET 0
      ) AS mine
      WHERE EXISTS (SELECT FROM partition CROSS JOIN LATERAL ${unread(OF_THREAD)} AS unread)
      UNION
      SELECT mine.thread_id FROM (SELECT DISTINCT about_id FROM own WHERE kind = 'member') AS member
      CROSS JOIN LATERAL (
        SELECT thread_id FROM participants WHERE organization_id = $1 AND user_id = member.about_id OFFSET 0
      ) AS other
      CROSS JOIN LATERAL (
        SELECT thread_id FROM participants
        WHERE organization_id = $1 AND thread_id = other.thread_id AND user_id = $4 OFFSET 0
      ) AS mine
      LIMIT ${MAX_THREADS + 1}
    ) AS "threadIds",
    coalesce((SELECT json_agg(each) FROM (
      SELECT thread_id, seq FROM own WHERE kind = 'message' AND thread_id = ANY ($5)
      UNION
      SELECT unread.thread_id, unread.seq FROM participants AS mine CROSS JOIN partition
      CROSS JOIN LATERAL ${unread(`${OF_MESSAGE} AND ${OF_THREAD}`)} AS unread
      WHERE mine.organization_id = $1 AND mine.user_id = $4 AND mine.thread_id = ANY ($5)
      LIMIT ${MAX_ROWS + 1}
    ) AS each), '[]') AS messages`;

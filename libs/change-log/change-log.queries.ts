import type { RelayPool, Transaction } from '#database';
import type { Position } from './position.js';

/** Each week has one of 4 partitions: this one, the two before, which cursors are valid for, and the next one. */
const PARTITIONS = 4;

const WEEK_SECONDS = 7 * 86_400;

/** A transaction may have been open so long. */
const MARGIN_SECONDS = 3600;

const THIS_WEEK = `floor(extract(epoch FROM clock_timestamp()) / ${WEEK_SECONDS})::integer`;

/** SQL: the partitions with rows of since the time, in seconds since 1970. */
const partitionsSince = (seconds: string): string => `
  SELECT week % ${PARTITIONS} AS slot
  FROM generate_series(greatest((${seconds} - ${MARGIN_SECONDS}) / ${WEEK_SECONDS}, ${THIS_WEEK} - 2), ${THIS_WEEK}) AS week`;

/** The upper limit leaves out rows that another cluster wrote, before its dump was restored. */
const rowsOf = (condition: string): string => `
  SELECT kind, thread_id, user_id, about_id, seq, at FROM changes
  WHERE organization_id = $1 AND changes.slot = partition.slot AND ${condition}
    AND xid < pg_snapshot_xmax(pg_current_snapshot())`;

/**
 * SQL: the rows of a partition that are visible now and were not in the snapshot of $2. Two branches, because each is
 * one range of an index: a transaction that is open for long makes no difference.
 */
const unread = (condition: string): string => `(
    ${rowsOf(condition)} AND xid >= pg_snapshot_xmax($2::pg_snapshot)
    UNION ALL
    ${rowsOf(condition)} AND xid = ANY (ARRAY(SELECT pg_snapshot_xip($2::pg_snapshot))))`;

/**
 * SQL: the same for a person, with one range: half of the plan, which takes longer to build up than to execute. If a
 * transaction is open for long, it goes over what the person has read of the same thread meanwhile.
 */
const unreadOfPerson = (condition: string): string => `(
    ${rowsOf(condition)} AND xid >= pg_snapshot_xmin($2::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $2))`;

/** SQL: the position of this statement, which sees everything up to it and nothing beyond. */
const NOW = `pg_current_snapshot()::text AS snapshot,
  floor(extract(epoch FROM clock_timestamp()))::integer AS "takenAt"`;

/** The function may be reserved to administrators: then only the timeline distinguishes clusters. */
const EPOCH = `concat(
  CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
    THEN (SELECT system_identifier FROM pg_control_system()) END,
  '.', substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)) AS epoch`;

export async function findPosition(relay: RelayPool): Promise<Position> {
  const [position] = await relay.query<Position>(`SELECT ${NOW}, ${EPOCH}`);
  return position!;
}

/** How many changed threads a client gets. With more, it loads everything again. */
export const MAX_THREADS = 500;

/** How many changed messages, and how many changed notifications. */
export const MAX_ROWS = 500;

/** A change of a thread, or of what one person has. */
export interface LoggedChange {
  kind: string;
  thread_id: string;
  about_id: string | null;
  seq: number;
}

/** What changed in an organization, for some of its people. */
export interface OrganizationChanges extends Pick<Position, 'snapshot' | 'takenAt'> {
  /** Something that concerns everybody changed. */
  everybody: boolean;
  /** null if more changed than is worth sending. */
  threads: { thread_id: string; changes: LoggedChange[] | null }[];
  /** What concerns one person only. */
  own: { user_id: string; changes: LoggedChange[] | null }[];
  participants: { user_id: string; thread_id: string; joined_seq: number; has_left: boolean }[];
  /** How long ago the first of the changes was logged, if there is any. */
  seconds: number | null;
}

const CHANGES = `CASE WHEN count(*) <= ${MAX_ROWS}
  THEN json_agg(json_build_object('kind', kind, 'thread_id', thread_id, 'about_id', about_id, 'seq', seq)) END AS changes`;

/** What changed after the position in the threads of some people, and in what is theirs alone, such as their feeds. */
export async function findConcerned(
  tx: Transaction,
  { snapshot, takenAt }: Pick<Position, 'snapshot' | 'takenAt'>,
  userIds: string[],
): Promise<OrganizationChanges> {
  const [found] = await tx.query<OrganizationChanges>(
    `WITH found AS MATERIALIZED (
       SELECT unread.* FROM (${partitionsSince('$3::integer')}) AS partition CROSS JOIN LATERAL ${unread('true')} AS unread
     )
     SELECT ${NOW},
       (SELECT extract(epoch FROM clock_timestamp() - min(at))::float8 FROM found) AS seconds,
       EXISTS (SELECT FROM found WHERE thread_id IS NULL AND user_id IS NULL) AS everybody,
       coalesce((SELECT json_agg(each) FROM (
         SELECT thread_id, ${CHANGES}
         FROM (SELECT DISTINCT thread_id, kind, about_id, seq FROM found WHERE thread_id IS NOT NULL AND user_id IS NULL) AS once
         GROUP BY thread_id) AS each), '[]') AS threads,
       coalesce((SELECT json_agg(each) FROM (
         SELECT user_id, ${CHANGES}
         FROM (SELECT DISTINCT user_id, thread_id, kind, about_id, seq FROM found WHERE user_id = ANY ($4)) AS once
         GROUP BY user_id) AS each), '[]') AS own,
       coalesce((SELECT json_agg(each) FROM (
         SELECT part.user_id, changed.thread_id, part.joined_seq, part.left_at IS NOT NULL AS has_left
         FROM (SELECT DISTINCT thread_id FROM found WHERE thread_id IS NOT NULL AND user_id IS NULL) AS changed
         CROSS JOIN LATERAL (
           SELECT user_id, joined_seq, left_at FROM participants
           WHERE organization_id = $1 AND thread_id = changed.thread_id OFFSET 0
         ) AS part JOIN unnest($4::uuid[]) AS asked (id) ON asked.id = part.user_id) AS each), '[]') AS participants`,
    [tx.organizationId, snapshot, takenAt, userIds],
  );
  return found!;
}

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
    SELECT unread.* FROM partition CROSS JOIN LATERAL ${unreadOfPerson('changes.user_id = $4')} AS unread
    UNION ALL
    SELECT unread.* FROM partition
    CROSS JOIN LATERAL ${unreadOfPerson('changes.thread_id IS NULL AND changes.user_id IS NULL')} AS unread
  )
  SELECT ${NOW}, ${EPOCH},
    EXISTS (SELECT FROM members WHERE organization_id = $1 AND user_id = $4 AND removed_at IS NULL) AS "isMember",
    pg_snapshot_xmax($2::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot())
      OR $3::integer < extract(epoch FROM clock_timestamp()) - ${VALID_SECONDS} AS lost,
    EXISTS (SELECT FROM own WHERE kind = 'block') AS blocked,
    ARRAY(SELECT thread_id FROM unnest($5::uuid[]) AS shown (thread_id) WHERE EXISTS (
      SELECT FROM partition
      CROSS JOIN LATERAL ${unreadOfPerson(`changes.thread_id = shown.thread_id AND changes.kind = 'thread' AND changes.about_id = $4`)} AS unread
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
      WHERE EXISTS (SELECT FROM partition CROSS JOIN LATERAL ${unreadOfPerson(OF_THREAD)} AS unread)
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
      CROSS JOIN LATERAL ${unreadOfPerson(`${OF_MESSAGE} AND ${OF_THREAD}`)} AS unread
      WHERE mine.organization_id = $1 AND mine.user_id = $4 AND mine.thread_id = ANY ($5)
      LIMIT ${MAX_ROWS + 1}
    ) AS each), '[]') AS messages`;

/** Empties the partition of the next week, whose rows are older than 14 days. Returns false if the week just changed. */
export async function emptyOldest(relay: RelayPool): Promise<boolean> {
  const [emptied] = await relay.query<{ emptied: boolean }>('SELECT empty_change_slot() AS emptied');
  return emptied!.emptied;
}

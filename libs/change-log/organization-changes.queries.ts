import type { Transaction } from '#database';
import { MAX_ROWS, NOW, partitionsSince, rowsOf } from './log.queries.js';
import type { Position } from './position.js';

/**
 * SQL: the rows of a partition that are visible now and were not in the snapshot of $2. Two branches, because each is
 * one range of an index: a transaction that is open for long makes no difference.
 */
const unread = (condition: string): string => `(
    ${rowsOf(condition)} AND xid >= pg_snapshot_xmax($2::pg_snapshot)
    UNION ALL
    ${rowsOf(condition)} AND xid = ANY (ARRAY(SELECT pg_snapshot_xip($2::pg_snapshot))))`;

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

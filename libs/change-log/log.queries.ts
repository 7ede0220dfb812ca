import type { RelayPool } from '#database';
import type { Position } from './position.js';

/** Each week has one of 4 partitions: this one, the two before, which cursors are valid for, and the next one. */
const PARTITIONS = 4;

export const WEEK_SECONDS = 7 * 86_400;

/** A transaction may have been open so long. */
const MARGIN_SECONDS = 3600;

const THIS_WEEK = `floor(extract(epoch FROM clock_timestamp()) / ${WEEK_SECONDS})::integer`;

/** SQL: the partitions with rows of since the time, in seconds since 1970. */
export const partitionsSince = (seconds: string): string => `
  SELECT week % ${PARTITIONS} AS slot
  FROM generate_series(greatest((${seconds} - ${MARGIN_SECONDS}) / ${WEEK_SECONDS}, ${THIS_WEEK} - 2), ${THIS_WEEK}) AS week`;

/** The upper limit leaves out rows that another cluster wrote, before its dump was restored. */
export const rowsOf = (condition: string): string => `
  SELECT kind, thread_id, user_id, about_id, seq, at FROM changes
  WHERE organization_id = $1 AND changes.slot = partition.slot AND ${condition}
    AND xid < pg_snapshot_xmax(pg_current_snapshot())`;

/** SQL: the position of this statement, which sees everything up to it and nothing beyond. */
export const NOW = `pg_current_snapshot()::text AS snapshot,
  floor(extract(epoch FROM clock_timestamp()))::integer AS "takenAt"`;

/** The function may be reserved to administrators: then only the timeline distinguishes clusters. */
export const EPOCH = `concat(
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

/** Empties the partition of the next week, whose rows are older than 14 days. Returns false if the week just changed. */
export async function emptyOldest(relay: RelayPool): Promise<boolean> {
  const [emptied] = await relay.query<{ emptied: boolean }>('SELECT empty_change_slot() AS emptied');
  return emptied!.emptied;
}

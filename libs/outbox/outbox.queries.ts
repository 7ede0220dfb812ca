import type { EventMap, EventType } from '#events';
import type { RelayPool } from '#database';

export interface ClaimedEvent<Type extends EventType = EventType> {
  organizationId: string;
  id: string;
  type: Type;
  payload: EventMap[Type];
  createdAt: Date;
  attempts: number;
  /**
   * The end of its lease, as text, because a Date has no microseconds. Part of the key, so a later claim changes it.
   */
  runAt: string;
}

/** How many events of an organization a claim may take. */
export interface Share {
  organizationId: string;
  limit: number;
}

/**
 * How long a claimed event belongs to its relay, unless that renews the lease. After that the relay counts as dead and
 * another one claims the event. It is short, so that people hardly notice the delay.
 */
const LEASE_SECONDS = 6;

const LEASE_END = `now() + make_interval(secs => ${LEASE_SECONDS})`;

/** The last_error of a postponed event whose type no worker knows. A partial index contains the same text. */
const UNKNOWN_TYPE = 'unknown type';

const KEYS = 'unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) AS claimed (organization_id, run_at, id)';

/**
 * SQL: whether an outbox row has the key of this row. ANY cannot be merged or hashed, so each row is looked up by its
 * key: a plan that was made while the outbox was empty would otherwise read all of it for each row.
 */
const isKeyOf = (row: string): string =>
  ['organization_id', 'run_at', 'id']
    .map((column) => `outbox.${column} = ANY (ARRAY[${row}.${column}])`)
    .join(' AND ');

/** Of the oldest due events, at most `limit`, how many each organization has. */
export const countOldest = (
  relay: RelayPool,
  limit: number,
): Promise<{ organization_id: string; events: number }[]> =>
  relay.query<{ organization_id: string; events: number }>(
    `SELECT organization_id, count(*)::integer AS events FROM (
       SELECT organization_id FROM outbox WHERE run_at <= now() ORDER BY run_at, id LIMIT $1
     ) AS oldest GROUP BY organization_id`,
    [limit],
  );

/** Visits the next organizations, at most `limit`, with one index lookup each. */
export const visitOrganizations = (
  relay: RelayPool,
  after: string,
  limit: number,
): Promise<{ organization_id: string; is_due: boolean }[]> =>
  relay.query<{ organization_id: string; is_due: boolean }>(
    `WITH RECURSIVE visited AS (
       (SELECT organization_id, run_at, 1 AS position FROM outbox
        WHERE organization_id > $1 ORDER BY organization_id, run_at LIMIT 1)
       UNION ALL
       SELECT next.organization_id, next.run_at, visited.position + 1
       FROM visited CROSS JOIN LATERAL (
         SELECT organization_id, run_at FROM outbox
         WHERE organization_id > visited.organization_id ORDER BY organization_id, run_at LIMIT 1
       ) AS next
       WHERE visited.position < $2
     )
     SELECT organization_id, run_at <= now() AS is_due FROM visited ORDER BY organization_id`,
    [after, limit],
  );

/**
 * Claims the oldest due events of each organization, except those of other types. The condition compares
 * organization_id and run_at as a pair, so that the primary key is used: the index on run_at would read the backlog of
 * all organizations.
 */
export const claimDue = (relay: RelayPool, shares: Share[], types: string[]): Promise<ClaimedEvent[]> =>
  relay.query<ClaimedEvent>(
    `WITH due AS (
       SELECT due.organization_id, due.run_at, due.id
       FROM unnest($1::uuid[], $2::integer[]) AS share (organization_id, most)
       CROSS JOIN LATERAL (
         SELECT organization_id, run_at, id FROM outbox
         WHERE (organization_id, run_at) >= (share.organization_id, '-infinity'::timestamptz)
           AND (organization_id, run_at) <= (share.organization_id, now()) AND type = ANY ($3::text[])
         ORDER BY organization_id, run_at, id LIMIT share.most FOR UPDATE SKIP LOCKED
       ) AS due
     )
     UPDATE outbox SET run_at = ${LEASE_END}, attempts = attempts + 1
     FROM due WHERE ${isKeyOf('due')}
     RETURNING outbox.organization_id AS "organizationId", outbox.id, type, payload,
               created_at AS "createdAt", attempts, outbox.run_at::text AS "runAt"`,
    [shares.map(({ organizationId }) => organizationId), shares.map(({ limit }) => limit), types],
  );

/** Extends the leases, and returns their new ends. */
export const renewLeases = (
  relay: RelayPool,
  events: ClaimedEvent[],
): Promise<Pick<ClaimedEvent, 'id' | 'runAt'>[]> =>
  relay.query<Pick<ClaimedEvent, 'id' | 'runAt'>>(
    `UPDATE outbox SET run_at = ${LEASE_END} FROM ${KEYS} WHERE ${isKeyOf('claimed')}
     RETURNING outbox.id, outbox.run_at::text AS "runAt"`,
    keysOf(events),
  );

/** Events that another relay has claimed since have another key, and are left to that relay. */
export async function deleteClaimed(relay: RelayPool, events: ClaimedEvent[]): Promise<void> {
  await relay.query(`DELETE FROM outbox USING ${KEYS} WHERE ${isKeyOf('claimed')}`, keysOf(events));
}

export async function postponeClaimed(
  relay: RelayPool,
  event: ClaimedEvent,
  seconds: number,
  error: string,
): Promise<void> {
  await relay.query(
    `UPDATE outbox SET run_at = now() + make_interval(secs => $4), last_error = $5
     FROM ${KEYS} WHERE ${isKeyOf('claimed')}`,
    [...keysOf([event]), seconds, error],
  );
}

export async function moveToDeadLetters(relay: RelayPool, event: ClaimedEvent, error: string): Promise<void> {
  await relay.query(
    `WITH dead AS (
       DELETE FROM outbox USING ${KEYS} WHERE ${isKeyOf('claimed')}
       RETURNING outbox.organization_id, outbox.id, type, payload, attempts, created_at
     )
     INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at, last_error)
     SELECT organization_id, id, type, payload, attempts, created_at, $4 FROM dead`,
    [...keysOf([event]), error],
  );
}

export interface Backlog {
  /** Events that are due now. */
  due: number;
  /** By how many seconds the oldest of them is overdue. */
  oldest_seconds: number;
  /** Events that wait for a worker that knows their type. */
  unknown: number;
  dead_letters: number;
}

/** Counts up to `limit` rows for each figure. */
export async function countBacklog(relay: RelayPool, types: string[], limit: number): Promise<Backlog> {
  const [backlog] = await relay.query<Backlog>(
    `SELECT (SELECT count(*)::integer FROM (SELECT FROM outbox WHERE run_at <= now() LIMIT $2) AS due) AS due,
            coalesce((SELECT extract(epoch FROM now() - run_at)::float8 FROM outbox
                      WHERE run_at <= now() ORDER BY run_at, id LIMIT 1), 0) AS oldest_seconds,
            (SELECT count(*)::integer FROM (
               SELECT FROM outbox WHERE last_error = '${UNKNOWN_TYPE}' AND type <> ALL ($1::text[]) LIMIT $2
             ) AS unknown) AS unknown,
            (SELECT count(*)::integer FROM (SELECT FROM dead_letters LIMIT $2) AS dead) AS dead_letters`,
    [types, limit],
  );
  return backlog!;
}

/** Postpones overdue events of other types, at most `limit`, and returns their types. */
export async function postponeOthers(
  relay: RelayPool,
  types: string[],
  { after, delay, limit }: { after: number; delay: number; limit: number },
): Promise<string[]> {
  const rows = await relay.query<{ type: string }>(
    `UPDATE outbox SET run_at = now() + make_interval(secs => $3), last_error = '${UNKNOWN_TYPE}'
     FROM (SELECT organization_id, run_at, id FROM (
             SELECT organization_id, run_at, id, type FROM outbox
             WHERE run_at < now() - make_interval(secs => $2) ORDER BY run_at, id LIMIT $4
           ) AS overdue WHERE type <> ALL ($1::text[])) AS unknown
     WHERE ${isKeyOf('unknown')}
     RETURNING type`,
    [types, after, delay, limit],
  );
  return [...new Set(rows.map(({ type }) => type))];
}

const keysOf = (events: ClaimedEvent[]): unknown[] => [
  events.map(({ organizationId }) => organizationId),
  events.map(({ runAt }) => runAt),
  events.map(({ id }) => id),
];

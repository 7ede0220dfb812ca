import { Injectable } from '@nestjs/common';
import type { EventMap, EventType } from '#events';
import { RelayPool } from '#database';

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

/**
 * How long a claimed event belongs to its relay, unless that renews the lease. After that the relay counts as dead and
 * another one claims the event. It is short, so that people hardly notice the delay.
 */
const LEASE_SECONDS = 6;

/** How many of the oldest due events are read to find the organizations that have some. */
const MAX_OLDEST_EVENTS = 500;

/** How many organizations one scan visits, if the oldest due events may not show all of them. */
const MAX_SCANNED_ORGANIZATIONS = 1000;

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** How many events of an organization a claim may take. */
export interface Share {
  organizationId: string;
  limit: number;
}

/**
 * The queue of events, for the relay. Events are claimed, not read by a cursor, because transactions commit out of
 * order.
 */
@Injectable()
export class Outbox {
  /** The organization at which the last scan ended. */
  private scannedTo = BEFORE_ALL;

  constructor(private readonly relay: RelayPool) {}

  /**
   * Returns organizations with due events. If so many are due that the oldest may all belong to a few organizations, a
   * scan finds others. It goes from one organization to the next, and continues where the last scan ended.
   */
  async findOrganizations(): Promise<string[]> {
    const oldest = await this.relay.query<{ organization_id: string; events: number }>(
      `SELECT organization_id, count(*)::integer AS events FROM (
         SELECT organization_id FROM outbox WHERE run_at <= now() ORDER BY run_at, id LIMIT $1
       ) AS oldest GROUP BY organization_id`,
      [MAX_OLDEST_EVENTS],
    );
    const found = oldest.map(({ organization_id }) => organization_id);
    const isAll = oldest.reduce((sum, { events }) => sum + events, 0) < MAX_OLDEST_EVENTS;
    return isAll ? found : [...new Set([...found, ...(await this.scan())])];
  }

  /**
   * Claims the oldest due events of each organization, except those of types that this worker does not know. The
   * condition compares organization_id and run_at as a pair, so that the primary key is used: the index on run_at would
   * read the backlog of all organizations.
   */
  async claim(shares: Share[], types: string[]): Promise<ClaimedEvent[]> {
    if (shares.length === 0) return [];
    const rows = await this.relay.query<ClaimedEvent>(
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
    return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** Visits the next organizations, with one index lookup each, and returns those whose first event is due. */
  private async scan(): Promise<string[]> {
    const visited = await this.relay.query<{ organization_id: string; is_due: boolean }>(
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
      [this.scannedTo, MAX_SCANNED_ORGANIZATIONS],
    );
    this.scannedTo =
      visited.length < MAX_SCANNED_ORGANIZATIONS ? BEFORE_ALL : visited.at(-1)!.organization_id;
    return visited.filter(({ is_due }) => is_due).map(({ organization_id }) => organization_id);
  }

  /** Extends the leases of events that take longer to handle than a lease lasts. */
  async renew(events: ClaimedEvent[]): Promise<void> {
    const renewed = await this.relay.query<Pick<ClaimedEvent, 'id' | 'runAt'>>(
      `UPDATE outbox SET run_at = ${LEASE_END} FROM ${KEYS} WHERE ${isKeyOf('claimed')}
       RETURNING outbox.id, outbox.run_at::text AS "runAt"`,
      keysOf(events),
    );
    const runAtOf = new Map(renewed.map(({ id, runAt }) => [id, runAt]));
    for (const event of events) event.runAt = runAtOf.get(event.id) ?? event.runAt;
  }

  /** Deletes handled events. One that another relay has claimed since has another key, and is left to that relay. */
  async deleteHandled(events: ClaimedEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.relay.query(`DELETE FROM outbox USING ${KEYS} WHERE ${isKeyOf('claimed')}`, keysOf(events));
  }

  async postpone(event: ClaimedEvent, seconds: number, error: string): Promise<void> {
    await this.relay.query(
      `UPDATE outbox SET run_at = now() + make_interval(secs => $4), last_error = $5
       FROM ${KEYS} WHERE ${isKeyOf('claimed')}`,
      [...keysOf([event]), seconds, error],
    );
  }

  async moveToDeadLetters(event: ClaimedEvent, error: string): Promise<void> {
    await this.relay.query(
      `WITH dead AS (
         DELETE FROM outbox USING ${KEYS} WHERE ${isKeyOf('claimed')}
         RETURNING outbox.organization_id, outbox.id, type, payload, attempts, created_at
       )
       INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at, last_error)
       SELECT organization_id, id, type, payload, attempts, created_at, $4 FROM dead`,
      [...keysOf([event]), error],
    );
  }
}

const KEYS = 'unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) AS claimed (organization_id, run_at, id)';

const LEASE_END = `now() + make_interval(secs => ${LEASE_SECONDS})`;

/** The last_error of a postponed event whose type no worker knows. A partial index contains the same text. */
export const UNKNOWN_TYPE = 'unknown type';

/**
 * SQL: whether an outbox row has the key of this row. ANY cannot be merged or hashed, so each row is looked up by its
 * key: a plan that was made while the outbox was empty would otherwise read all of it for each row.
 */
export const isKeyOf = (row: string): string =>
  ['organization_id', 'run_at', 'id']
    .map((column) => `outbox.${column} = ANY (ARRAY[${row}.${column}])`)
    .join(' AND ');

const keysOf = (events: ClaimedEvent[]): unknown[] => [
  events.map(({ organizationId }) => organizationId),
  events.map(({ runAt }) => runAt),
  events.map(({ id }) => id),
];

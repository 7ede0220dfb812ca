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
  /** Until when its claim has it, as text: a Date has no microseconds. Part of its key, so a later claim changes it. */
  runAt: string;
}

/**
 * How long whoever claims an event has it alone, unless they ask for more. After that it is anybody's: its holder is
 * dead or cut off, and nobody who waits to be told should notice.
 */
const LEASE_SECONDS = 6;

/** How many of the oldest due events are looked at to find the organizations that have some. */
const LOOK = 500;

/** How many organizations one scan visits where the look does not show them all. */
const SCAN = 1000;

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** How many events of an organization a claim may take. */
export interface Share {
  organizationId: string;
  limit: number;
}

/** The queue of events, for the relay: claimed, never read by a cursor, since commits land out of order. */
@Injectable()
export class Outbox {
  /** The organization at which the last scan ended. */
  private scannedTo = BEFORE_ALL;

  constructor(private readonly relay: RelayPool) {}

  /**
   * The organizations that have due events. Where so many are due that the oldest may all be of a few organizations,
   * others are found by a scan that goes from one organization to the next, on from where the last scan ended.
   */
  async findOrganizations(): Promise<string[]> {
    const oldest = await this.relay.query<{ organization_id: string; events: number }>(
      `SELECT organization_id, count(*)::integer AS events FROM (
         SELECT organization_id FROM outbox WHERE run_at <= now() ORDER BY run_at, id LIMIT $1
       ) AS oldest GROUP BY organization_id`,
      [LOOK],
    );
    const found = oldest.map(({ organization_id }) => organization_id);
    const isAll = oldest.reduce((sum, { events }) => sum + events, 0) < LOOK;
    return isAll ? found : [...new Set([...found, ...(await this.scan())])];
  }

  /**
   * Takes of each organization its oldest due events. Events of types that this worker does not know are left. Compared
   * as a pair, the due ones are found by the key alone: the index by time would read the backlog of all organizations.
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

  /** One index probe for each organization tells the time of its first event, and so whether any is due. */
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
      [this.scannedTo, SCAN],
    );
    this.scannedTo = visited.length < SCAN ? BEFORE_ALL : visited.at(-1)!.organization_id;
    return visited.filter(({ is_due }) => is_due).map(({ organization_id }) => organization_id);
  }

  /** For events that take longer to handle than a lease lasts. */
  async renew(events: ClaimedEvent[]): Promise<void> {
    const renewed = await this.relay.query<Pick<ClaimedEvent, 'id' | 'runAt'>>(
      `UPDATE outbox SET run_at = ${LEASE_END} FROM ${KEYS} WHERE ${isKeyOf('claimed')}
       RETURNING outbox.id, outbox.run_at::text AS "runAt"`,
      keysOf(events),
    );
    const runAtOf = new Map(renewed.map(({ id, runAt }) => [id, runAt]));
    for (const event of events) event.runAt = runAtOf.get(event.id) ?? event.runAt;
  }

  /** An event whose lease ran out, and that somebody else has claimed since, is theirs to finish. */
  async finish(events: ClaimedEvent[]): Promise<void> {
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

  async bury(event: ClaimedEvent, error: string): Promise<void> {
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

/** What last_error says of an event that was left for a worker that knows its type; also in an index. */
export const UNKNOWN_TYPE = 'unknown type';

/**
 * SQL: that an event of the outbox has the key of this row. Written with ANY, which cannot be merged or hashed, it has
 * each row looked up: a plan that was made while the outbox was empty would otherwise read all of it for each row.
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

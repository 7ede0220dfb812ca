import { Injectable } from '@nestjs/common';
import type { EventMap, EventType } from '#events';
import { RelayConnection } from './relay-connection.js';

export interface ClaimedEvent<Type extends EventType = EventType> {
  organizationId: string;
  id: string;
  type: Type;
  payload: EventMap[Type];
  createdAt: Date;
  attempts: number;
}

/**
 * How long whoever claims an event has it alone, unless they ask for more. After that it is anybody's: its holder is
 * dead or cut off, and nobody who waits to be told should notice.
 */
const LEASE_SECONDS = 6;

/** The queue of events, for the relay: claimed, never read by a cursor, since commits land out of order. */
@Injectable()
export class Outbox {
  constructor(private readonly relay: RelayConnection) {}

  /** Oldest first. */
  async claim(limit: number): Promise<ClaimedEvent[]> {
    const rows = await this.relay.query<ClaimedEvent>(
      `WITH due AS (
         SELECT organization_id, id FROM outbox WHERE run_at <= now()
         ORDER BY run_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
       )
       UPDATE outbox SET run_at = now() + make_interval(secs => $2), attempts = attempts + 1
       FROM due WHERE outbox.organization_id = due.organization_id AND outbox.id = due.id
       RETURNING outbox.organization_id AS "organizationId", outbox.id, type, payload,
                 created_at AS "createdAt", attempts`,
      [limit, LEASE_SECONDS],
    );
    return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** For events that take longer to handle than a lease lasts. */
  async renew(events: ClaimedEvent[]): Promise<void> {
    await this.relay.query(
      `UPDATE outbox SET run_at = now() + make_interval(secs => $4)
       FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS mine (organization_id, id, attempts)
       WHERE outbox.organization_id = mine.organization_id AND outbox.id = mine.id
         AND outbox.attempts = mine.attempts`,
      [...keysOf(events), LEASE_SECONDS],
    );
  }

  /** An event whose lease ran out, and that somebody else has claimed since, is theirs to finish. */
  async finish(events: ClaimedEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.relay.query(
      `DELETE FROM outbox
       USING unnest($1::uuid[], $2::uuid[], $3::integer[]) AS done (organization_id, id, attempts)
       WHERE outbox.organization_id = done.organization_id AND outbox.id = done.id
         AND outbox.attempts = done.attempts`,
      keysOf(events),
    );
  }

  async postpone(
    { organizationId, id, attempts }: ClaimedEvent,
    seconds: number,
    error: string,
  ): Promise<void> {
    await this.relay.query(
      `UPDATE outbox SET run_at = now() + make_interval(secs => $4), last_error = $5
       WHERE organization_id = $1 AND id = $2 AND attempts = $3`,
      [organizationId, id, attempts, seconds, error],
    );
  }

  async bury({ organizationId, id, attempts }: ClaimedEvent, error: string): Promise<void> {
    await this.relay.query(
      `WITH dead AS (
         DELETE FROM outbox WHERE organization_id = $1 AND id = $2 AND attempts = $3
         RETURNING organization_id, id, type, payload, attempts, created_at
       )
       INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at, last_error)
       SELECT organization_id, id, type, payload, attempts, created_at, $4 FROM dead`,
      [organizationId, id, attempts, error],
    );
  }
}

const keysOf = (events: ClaimedEvent[]): unknown[] => [
  events.map(({ organizationId }) => organizationId),
  events.map(({ id }) => id),
  events.map(({ attempts }) => attempts),
];

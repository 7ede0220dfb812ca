import { Injectable } from '@nestjs/common';
import { UNKNOWN_TYPE, isKeyOf } from './outbox.js';
import { RelayPool } from '#database';

/** Counts stop here, so that reading them stays cheap. */
export const MAX_COUNTED = 10_000;

/** An event of an unknown type is left this long to a newer worker before it is postponed. */
const UNKNOWN_AFTER_SECONDS = 5;
const UNKNOWN_DELAY_SECONDS = 30;

export interface Backlog {
  /** Events that are due now. */
  due: number;
  /** By how many seconds the oldest of them is overdue. */
  oldest_seconds: number;
  /** Events that wait for a worker that knows their type. */
  unknown: number;
  dead_letters: number;
}

/** The backlog of the outbox, of all organizations together. */
@Injectable()
export class OutboxBacklog {
  constructor(private readonly relay: RelayPool) {}

  async read(types: string[]): Promise<Backlog> {
    const [backlog] = await this.relay.query<Backlog>(
      `SELECT (SELECT count(*)::integer FROM (SELECT FROM outbox WHERE run_at <= now() LIMIT $2) AS due) AS due,
              coalesce((SELECT extract(epoch FROM now() - run_at)::float8 FROM outbox
                        WHERE run_at <= now() ORDER BY run_at, id LIMIT 1), 0) AS oldest_seconds,
              (SELECT count(*)::integer FROM (
                 SELECT FROM outbox WHERE last_error = '${UNKNOWN_TYPE}' AND type <> ALL ($1::text[]) LIMIT $2
               ) AS unknown) AS unknown,
              (SELECT count(*)::integer FROM (SELECT FROM dead_letters LIMIT $2) AS dead) AS dead_letters`,
      [types, MAX_COUNTED],
    );
    return backlog!;
  }

  /**
   * Postpones overdue events of types that no worker knows, so that claims need not skip them each time. Their attempts
   * do not increase, and a worker of a newer version takes them once they are due again. Returns their types.
   */
  async postponeUnknown(types: string[]): Promise<string[]> {
    const rows = await this.relay.query<{ type: string }>(
      `UPDATE outbox SET run_at = now() + make_interval(secs => $3), last_error = '${UNKNOWN_TYPE}'
       FROM (SELECT organization_id, run_at, id FROM (
               SELECT organization_id, run_at, id, type FROM outbox
               WHERE run_at < now() - make_interval(secs => $2) ORDER BY run_at, id LIMIT $4
             ) AS overdue WHERE type <> ALL ($1::text[])) AS unknown
       WHERE ${isKeyOf('unknown')}
       RETURNING type`,
      [types, UNKNOWN_AFTER_SECONDS, UNKNOWN_DELAY_SECONDS, MAX_COUNTED],
    );
    return [...new Set(rows.map(({ type }) => type))];
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type Backlog, MAX_COUNTED, OutboxBacklog } from '#outbox';
import { Metrics } from '#metrics';
import { KnownTypes } from './known-types.js';

/** A scrape gets NaN rather than wait longer than this for the database. */
const SCRAPE_TIMEOUT_MILLISECONDS = 2000;

const UP_TO = `At most ${MAX_COUNTED} are counted.`;

const GAUGES: [name: string, help: string, field: keyof Backlog][] = [
  ['outbox_events_due', `Events that are due and not handled yet. ${UP_TO}`, 'due'],
  ['outbox_oldest_due_seconds', 'How long the oldest due event has been due.', 'oldest_seconds'],
  ['outbox_events_unknown', `Events of types that this worker does not know. ${UP_TO}`, 'unknown'],
  ['dead_letters', `Events that failed too often and were given up. ${UP_TO}`, 'dead_letters'],
];

/** Figures of the outbox, of all organizations together. The gauges of one scrape share one query. */
@Injectable()
export class OutboxMetrics {
  private reading?: Promise<Backlog | undefined>;

  constructor(
    metrics: Metrics,
    private readonly backlog: OutboxBacklog,
    private readonly known: KnownTypes,
  ) {
    for (const [name, help, field] of GAUGES) {
      metrics.gauge({ name, help, aggregator: 'max' }, async (gauge) =>
        gauge.set((await this.read())?.[field] ?? NaN),
      );
    }
  }

  private read(): Promise<Backlog | undefined> {
    this.reading ??= Promise.race([
      this.backlog.read(this.known.all).catch(() => undefined),
      delay(SCRAPE_TIMEOUT_MILLISECONDS, undefined, { ref: false }),
    ]).finally(() => (this.reading = undefined));
    return this.reading;
  }
}

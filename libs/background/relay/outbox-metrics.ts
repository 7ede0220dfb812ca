import { Injectable } from '@nestjs/common';
import { type Backlog, MAX_COUNTED, OutboxBacklog } from '#outbox';
import { Metrics, inTimeForScrape } from '#metrics';
import { KnownTypes } from './known-types.js';

const UP_TO = `At most ${MAX_COUNTED} are counted.`;

const GAUGES: [name: string, help: string, field: keyof Backlog][] = [
  ['outbox_events_due', `Events that are due and not handled yet. ${UP_TO}`, 'due'],
  ['outbox_oldest_due_seconds', 'How long the oldest due event has been due.', 'oldest_seconds'],
  ['outbox_events_unknown', `Events of types that this worker does not know. ${UP_TO}`, 'unknown'],
  ['dead_letters', `Events that failed too often and were given up. ${UP_TO}`, 'dead_letters'],
];

/**
 * Figures of the outbox, of all organizations together. The gauges of one scrape share one query, and so do scrapes for
 * which it takes too long.
 */
@Injectable()
export class OutboxMetrics {
  private reading?: Promise<Backlog>;

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
    this.reading ??= this.backlog.read(this.known.all).finally(() => (this.reading = undefined));
    return inTimeForScrape(this.reading);
  }
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RelayPool } from '#database';
import { type Aggregator, Metrics, inTimeForScrape, shareFor } from '#metrics';
import { DeliveryQueues } from './delivery-queues.js';
import { MAX_COUNTED, type QueueFigures, findQueueFigures } from './queue-metrics.queries.js';

/** One result serves all gauges of a scrape. */
const FRESH_MILLISECONDS = 1000;

/** The backlog of the queues. If it gets older, more workers are needed, or the server of a channel is unavailable. */
@Injectable()
export class QueueMetrics implements OnModuleInit {
  private readonly read = shareFor(FRESH_MILLISECONDS, () => findQueueFigures(this.relay));

  constructor(
    private readonly metrics: Metrics,
    private readonly relay: RelayPool,
    private readonly queues: DeliveryQueues,
  ) {}

  onModuleInit(): void {
    this.add('tidings_deliveries_due', `Deliveries that are due, up to ${MAX_COUNTED}`, ({ due }) => due);
    this.add(
      'tidings_deliveries_oldest_due_seconds',
      'For how long the oldest due delivery has been due',
      (figures) => figures.oldest_due_seconds,
    );
    this.add(
      'tidings_deliveries_in_progress',
      'Deliveries and digests that this process is sending',
      ({ queue }) => this.queues.inProgress(queue),
      'sum',
    );
  }

  private add(
    name: string,
    help: string,
    valueOf: (figures: QueueFigures) => number,
    aggregator: Aggregator = 'max',
  ): void {
    this.metrics.gauge({ name, help, labelNames: ['queue'], aggregator }, async (gauge) => {
      // None while the database is unavailable, so that a scrape still returns the other metrics.
      const known = (await inTimeForScrape(this.read())) ?? [];
      gauge.reset();
      for (const figures of known) gauge.set({ queue: figures.queue }, valueOf(figures));
    });
  }
}

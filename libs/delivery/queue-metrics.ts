import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RelayPool } from '#database';
import { type Aggregator, Metrics } from '#metrics';
import { DeliveryQueues } from './delivery-queues.js';
import { IN_CHANNEL, IN_DIGEST } from './entities.js';
import { SENT_CHANNELS } from '#outbound';
import type { QueueName } from './queue-scan.js';

/** Counting more would read a whole backlog each time that Prometheus asks. */
const MAX_COUNTED = 1000;

/** One answer serves all gauges of one visit of Prometheus. */
const FRESH_MILLISECONDS = 1000;

interface Figures {
  queue: QueueName;
  due: number;
  oldest_due_seconds: number;
}

/** How far behind the queues are. A backlog that grows older needs more workers, or a channel's server is away. */
@Injectable()
export class QueueMetrics implements OnModuleInit {
  private latest?: { at: number; figures: Promise<Figures[]> };

  constructor(
    private readonly metrics: Metrics,
    private readonly relay: RelayPool,
    private readonly queues: DeliveryQueues,
  ) {}

  onModuleInit(): void {
    this.add('tidings_deliveries_due', `Deliveries that are due, up to ${MAX_COUNTED}`, ({ due }) => due);
    this.add(
      'tidings_deliveries_oldest_due_seconds',
      'For how long the oldest of the deliveries that are due has been',
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
    valueOf: (figures: Figures) => number,
    aggregator: Aggregator = 'max',
  ): void {
    this.metrics.gauge({ name, help, labelNames: ['queue'], aggregator }, async (gauge) => {
      for (const figures of await this.figures()) gauge.set({ queue: figures.queue }, valueOf(figures));
    });
  }

  /** None while the database is away: the other metrics are wanted most then. */
  private figures(): Promise<Figures[]> {
    const now = performance.now();
    if (!this.latest || now - this.latest.at > FRESH_MILLISECONDS) {
      this.latest = { at: now, figures: this.relay.query<Figures>(FIGURES).catch(() => []) };
    }
    return this.latest.figures;
  }
}

const figuresOf = (queue: QueueName, condition: string): string => `
  SELECT '${queue}' AS queue, count(*)::integer AS due,
         coalesce(extract(epoch FROM now() - min(due_at)), 0)::float8 AS oldest_due_seconds
  FROM (
    SELECT due_at FROM deliveries
    WHERE ${condition} AND due_at <= now() AND (leased_until IS NULL OR leased_until <= now())
    ORDER BY due_at LIMIT ${MAX_COUNTED}) AS due`;

const FIGURES = [
  ...SENT_CHANNELS.map((channel) => figuresOf(channel, `${IN_CHANNEL} AND channel = '${channel}'`)),
  figuresOf('digest', IN_DIGEST),
].join(' UNION ALL ');

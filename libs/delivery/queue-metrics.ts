import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RelayPool } from '#database';
import { Metrics } from '#metrics';
import { DeliveryQueues } from './delivery-queues.js';
import { IN_CHANNEL, IN_DIGEST } from './entities.js';
import { SENT_CHANNELS } from '#outbound';
import type { QueueName } from './queue-scan.js';

/** Counting more would read a whole backlog at each scrape. */
const MAX_COUNTED = 1000;

/** One result serves all gauges of a scrape. */
const FRESH_MILLISECONDS = 1000;

interface Figures {
  queue: QueueName;
  due: number;
  oldest_due_seconds: number;
}

/** The backlog of the queues. If it keeps growing older, more workers are needed or the server of a channel is down. */
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
      'For how long the oldest due delivery has been due',
      (figures) => figures.oldest_due_seconds,
    );
    this.add(
      'tidings_deliveries_in_progress',
      'Deliveries and digests that this process is sending',
      ({ queue }) => this.queues.inProgress(queue),
    );
  }

  private add(name: string, help: string, valueOf: (figures: Figures) => number): void {
    this.metrics.gauge({ name, help, labelNames: ['queue'] }, async (gauge) => {
      for (const figures of await this.figures()) gauge.set({ queue: figures.queue }, valueOf(figures));
    });
  }

  /** No value while the database is unavailable, when the other metrics matter most. */
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

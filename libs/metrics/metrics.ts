import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import {
  type Aggregator,
  AggregatorRegistry,
  Counter,
  Gauge,
  Histogram,
  type PrometheusContentType,
  Registry,
  collectDefaultMetrics,
} from 'prom-client';
import { shareFor } from './share-for.js';

/** The text format of Prometheus. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** For how long a scrape gets the result of the one before. */
const FRESH_MILLISECONDS = 100;

export type { Aggregator };

interface Description<Label extends string> {
  name: string;
  help: string;
  labelNames?: Label[];
  /** How the figures of several processes become one: added up, unless it says otherwise. */
  aggregator?: Aggregator;
}

/** The metrics of this process, in one registry. Labels never contain a person or an organization. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    if (cluster.isWorker) offerToFirst([this.registry]);
  }

  /** A value that is read at each scrape. */
  gauge<Label extends string>(
    description: Description<Label>,
    collect: (gauge: Gauge<Label>) => void | Promise<void>,
  ): void {
    this.registry.registerMetric(
      new Gauge<Label>({
        labelNames: [],
        ...description,
        registers: [],
        async collect() {
          await collect(this);
        },
      }),
    );
  }

  counter<Label extends string>(description: Description<Label>): Counter<Label> {
    return new Counter<Label>({ labelNames: [], ...description, registers: [this.registry] });
  }

  histogram<Label extends string>(description: Description<Label> & { buckets: number[] }): Histogram<Label> {
    return new Histogram<Label>({ labelNames: [], ...description, registers: [this.registry] });
  }

  /** In the text format of Prometheus. Anybody may ask on the public port, without any limit. */
  readonly text = shareFor(FRESH_MILLISECONDS, () => this.registry.metrics());
}

/**
 * For each of several processes, at once: a process that does not respond yet holds up the metrics of all. It has none
 * until its application has been created.
 */
export function offerToFirst(registries: Registry[] = []): AggregatorRegistry<PrometheusContentType> {
  AggregatorRegistry.setRegistries(registries);
  return new AggregatorRegistry();
}

/** For the first of several processes: the metrics of all the others together. */
export function collectFromProcesses(): () => Promise<string> {
  const all = new AggregatorRegistry();
  return () => all.clusterMetrics();
}

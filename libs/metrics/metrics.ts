import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The text format of Prometheus. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Description<Label extends string> {
  name: string;
  help: string;
  labelNames?: Label[];
}

/** The metrics of this process, in one registry. Labels never contain a person or an organization. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
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

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

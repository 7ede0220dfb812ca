import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { Database } from '#database';

/** What Prometheus reads. Labels are routes, never paths: those name people. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private readonly durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [this.registry],
  });

  constructor(database: Database) {
    collectDefaultMetrics({ register: this.registry });
    this.registry.registerMetric(
      new Gauge({
        name: 'database_transactions_waiting',
        help: 'Transactions that wait for a connection.',
        registers: [],
        collect() {
          this.set(database.waiting);
        },
      }),
    );
  }

  observe(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      const labels = {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: String(reply.statusCode),
      };
      this.durations.observe(labels, reply.elapsedTime / 1000);
      done();
    });
  }
}

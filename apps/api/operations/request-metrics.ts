import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Histogram } from 'prom-client';
import { Database } from '#database';
import { Metrics } from '#metrics';
import { EVENT_STREAM } from '../realtime/event-stream.js';

/** Labels are routes, never paths, because paths identify people. */
@Injectable()
export class RequestMetrics {
  private readonly durations: Histogram<'method' | 'route' | 'status'>;

  constructor(metrics: Metrics, database: Database) {
    this.durations = metrics.histogram({
      name: 'http_request_duration_seconds',
      help: 'Duration of requests.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    });
    metrics.gauge(
      { name: 'database_transactions_waiting', help: 'Transactions that are waiting for a connection.' },
      (gauge) => gauge.set(database.waiting),
    );
  }

  observe(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      // Open for as long as its client is: no duration of a request.
      if (reply.raw.getHeader('content-type') === EVENT_STREAM) return done();
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

import { Injectable } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import { decodeCursor } from '#change-log';
import { Metrics } from '#metrics';
import type { Sync } from '#realtime';

const TRANSPORTS = ['websocket_v1', 'websocket_v2', 'sse', 'long_poll'] as const;

/** How a client follows. */
export type Transport = (typeof TRANSPORTS)[number];

const HOUR = 3600;
const DAY = 24 * HOUR;

@Injectable()
export class RealtimeMetrics {
  private readonly open = new Map<Transport, number>(TRANSPORTS.map((transport) => [transport, 0]));
  private readonly frames: Counter<'transport' | 'type'>;
  private readonly lag: Histogram<'transport'>;
  private readonly cursorAge: Histogram<'transport'>;
  private readonly resets: Counter<'scope'>;

  constructor(metrics: Metrics) {
    metrics.gauge(
      {
        name: 'realtime_connections',
        help: 'WebSockets, event streams and requests for changes that are open.',
        labelNames: ['transport'],
      },
      (gauge) => {
        for (const [transport, count] of this.open) gauge.set({ transport }, count);
      },
    );
    this.frames = metrics.counter({
      name: 'realtime_frames_sent_total',
      help: 'Frames that were written to WebSockets and event streams.',
      labelNames: ['transport', 'type'],
    });
    this.lag = metrics.histogram({
      name: 'realtime_lag_seconds',
      help: 'Time from the log of a change to the frame, or response, with its state.',
      labelNames: ['transport'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    });
    this.cursorAge = metrics.histogram({
      name: 'realtime_cursor_age_seconds',
      help: 'Age of the cursor with which a client connects.',
      labelNames: ['transport'],
      buckets: [1, 10, 60, 600, HOUR, 6 * HOUR, DAY, 7 * DAY, 14 * DAY],
    });
    this.resets = metrics.counter({
      name: 'realtime_resets_total',
      help: 'Resets that were sent: of everything, of one thread, or of the feed.',
      labelNames: ['scope'],
    });
  }

  /** Counts a connection, until the returned function is called. */
  opened(transport: Transport): () => void {
    this.add(transport, 1);
    return () => this.add(transport, -1);
  }

  framed(transport: Transport, type: string): void {
    this.frames.inc({ transport, type });
  }

  connected(transport: Transport, cursor: string): void {
    this.cursorAge.observe({ transport }, Math.max(0, Date.now() / 1000 - decodeCursor(cursor).takenAt));
  }

  delivered(transport: Transport, sync: Sync): void {
    if (sync.loggedAt !== undefined) {
      this.lag.observe({ transport }, Math.max(0, performance.now() - sync.loggedAt) / 1000);
    }
    this.resets.inc({ scope: 'all' }, sync.reset ? 1 : 0);
    this.resets.inc({ scope: 'thread' }, sync.resetThreads.length);
    this.resets.inc({ scope: 'notifications' }, sync.resetNotifications ? 1 : 0);
  }

  private add(transport: Transport, count: number): void {
    this.open.set(transport, this.open.get(transport)! + count);
  }
}

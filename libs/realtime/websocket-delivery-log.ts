import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Database } from '#database';
import { markReached } from '#notifications';

const PAUSE_MILLISECONDS = 100;

/** Records in batches which notifications WebSockets have delivered. */
@Injectable()
export class WebSocketDeliveryLog implements BeforeApplicationShutdown {
  private reached = new Map<string, Set<string>>();
  private timer?: NodeJS.Timeout;

  constructor(private readonly database: Database) {}

  add(organizationId: string, notificationId: string): void {
    const ids = this.reached.get(organizationId) ?? new Set();
    this.reached.set(organizationId, ids.add(notificationId));
    this.timer ??= setTimeout(() => void this.write(), PAUSE_MILLISECONDS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.write();
  }

  private async write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const reached = this.reached;
    this.reached = new Map();
    for (const [organizationId, ids] of reached) {
      await this.database
        .organizationTransaction(organizationId, (tx) => markReached(tx, [...ids]))
        .catch((error: unknown) =>
          new Logger('Realtime').warn(`Recording deliveries over WebSockets failed: ${String(error)}`),
        );
    }
  }
}

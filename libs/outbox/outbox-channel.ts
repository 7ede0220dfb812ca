import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { OutboxSignal, PgListener, RelayPool } from '#database';

const CHANNEL = 'tidings_outbox';

/**
 * Nudges within this time share one NOTIFY, which takes a server-wide lock at commit. Requests therefore never send it.
 */
const BATCH_MILLISECONDS = 50;

/** Notifies the workers of other processes of new events. For processes without a worker. */
@Injectable()
export class OutboxNotifier implements OnModuleDestroy {
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly relay: RelayPool,
    signal: OutboxSignal,
  ) {
    signal.onNudge(() => {
      this.timer ??= setTimeout(() => void this.notify(), BATCH_MILLISECONDS);
    });
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private async notify(): Promise<void> {
    this.timer = undefined;
    // If this fails, the relay finds the events by polling.
    await this.relay.notify(CHANNEL, '').catch(() => undefined);
  }
}

/** Nudges the relay when another process notifies. For workers. */
@Injectable()
export class OutboxListener {
  constructor(listener: PgListener, signal: OutboxSignal) {
    listener.listen(CHANNEL, { onNotification: () => signal.nudge() });
  }
}

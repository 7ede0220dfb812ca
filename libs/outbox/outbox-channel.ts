import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { OutboxSignal, PgListener, RelayPool } from '#database';

const CHANNEL = 'tidings_outbox';

/** NOTIFY takes a lock of the whole server at commit, so never in a transaction of a request, and seldom. */
const PAUSE_MILLISECONDS = 50;

/** For a process without a worker: tells those of others that there are new events. */
@Injectable()
export class OutboxNotifier implements OnModuleDestroy {
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly relay: RelayPool,
    signal: OutboxSignal,
  ) {
    signal.onNudge(() => {
      this.timer ??= setTimeout(() => void this.notify(), PAUSE_MILLISECONDS);
    });
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private async notify(): Promise<void> {
    this.timer = undefined;
    // The worker finds the events by itself, only later.
    await this.relay.query(`NOTIFY ${CHANNEL}`).catch(() => undefined);
  }
}

/** For a worker: hears the notifiers of other processes. */
@Injectable()
export class OutboxListener {
  constructor(listener: PgListener, signal: OutboxSignal) {
    listener.listen(CHANNEL, { onNotification: () => signal.nudge() });
  }
}

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RelayPool } from '#database';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';
import { type ChangeNotice, encode } from './change-notice.js';
import { CHANNEL } from './channel.js';

/** NOTIFY takes a lock of the whole server at commit, so seldom; but the first goes at once. */
const PAUSE_MILLISECONDS = 50;

/** For workers: tells the processes that hold sockets who has something new. They look for themselves what it is. */
@Injectable()
export class ChangePublisher implements OnModuleDestroy {
  private pending: ChangeNotice = new Map();
  private nextAt = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly relay: RelayPool) {}

  @OnOutboxEvent('notification.created')
  async created({ organizationId, payload }: RecordedEvent<'notification.created'>): Promise<void> {
    const spans = this.pending.get(organizationId) ?? [];
    spans.push([payload.first_user_id, payload.last_user_id]);
    this.pending.set(organizationId, spans);
    this.timer ??= setTimeout(() => void this.notify(), Math.max(0, this.nextAt - Date.now()));
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private async notify(): Promise<void> {
    const payload = encode(this.pending);
    this.pending = new Map();
    this.timer = undefined;
    this.nextAt = Date.now() + PAUSE_MILLISECONDS;
    // Whoever does not hear of it looks a few seconds later.
    await this.relay.notify(CHANNEL, payload).catch(() => undefined);
  }
}

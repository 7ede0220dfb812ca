import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RelayPool } from '#database';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';
import { type ChangeNotice, encode } from './change-notice.js';
import { CHANNEL } from './channel.js';

/** NOTIFY takes a lock of the whole server at commit, so notices are batched. The first one is sent at once. */
const PAUSE_MILLISECONDS = 50;

/**
 * Announces to the processes with WebSockets, from a worker, who has something new. They read from the feeds what it
 * is.
 */
@Injectable()
export class ChangePublisher implements OnModuleDestroy {
  private pending: ChangeNotice = new Map();
  private nextAt = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly relay: RelayPool) {}

  @OnOutboxEvent('notification.created')
  async created({ organizationId, payload }: RecordedEvent<'notification.created'>): Promise<void> {
    const ranges = this.pending.get(organizationId) ?? [];
    ranges.push([payload.first_user_id, payload.last_user_id]);
    this.pending.set(organizationId, ranges);
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
    // A lost NOTIFY delays updates by at most 4 s, because the hub also polls.
    await this.relay.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]).catch(() => undefined);
  }
}

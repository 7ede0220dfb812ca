import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RelayConnection } from '#database';
import { Handles, type RecordedEvent } from '#events';
import { type Announcement, encode } from './announcement.js';
import { CHANNEL } from './channel.js';

/** NOTIFY takes a lock of the whole server at commit, so seldom; but the first goes at once. */
const PAUSE_MILLISECONDS = 50;

/** For workers: tells the processes that hold sockets who has something new. They look for themselves what it is. */
@Injectable()
export class Announcer implements OnModuleDestroy {
  private said: Announcement = new Map();
  private nextAt = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly relay: RelayConnection) {}

  @Handles('notification.created')
  async created({ organizationId, payload }: RecordedEvent<'notification.created'>): Promise<void> {
    const spans = this.said.get(organizationId) ?? [];
    spans.push([payload.first_user_id, payload.last_user_id]);
    this.said.set(organizationId, spans);
    this.timer ??= setTimeout(() => void this.notify(), Math.max(0, this.nextAt - Date.now()));
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private async notify(): Promise<void> {
    const payload = encode(this.said);
    this.said = new Map();
    this.timer = undefined;
    this.nextAt = Date.now() + PAUSE_MILLISECONDS;
    // Whoever does not hear of it looks a few seconds later.
    await this.relay.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]).catch(() => undefined);
  }
}

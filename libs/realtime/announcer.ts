import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database, RelayConnection } from '#database';
import { Handles, type RecordedEvent } from '#events';
import { WHOLE_ORGANIZATION } from '#identity';
import { findToldLive } from '#notifications';
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

  constructor(
    private readonly database: Database,
    private readonly relay: RelayConnection,
  ) {}

  @Handles('notification.created')
  async created({ organizationId, payload }: RecordedEvent<'notification.created'>): Promise<void> {
    const userIds = await this.database.tenantTransaction(
      { organizationId, userId: WHOLE_ORGANIZATION },
      (tx) => findToldLive(tx, payload),
    );
    if (userIds.length > 0) this.announce(organizationId, userIds);
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private announce(organizationId: string, userIds: string[]): void {
    const people = this.said.get(organizationId) ?? new Set();
    for (const userId of userIds) people.add(userId);
    this.said.set(organizationId, people);
    this.timer ??= setTimeout(() => void this.notify(), Math.max(0, this.nextAt - Date.now()));
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

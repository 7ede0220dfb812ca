import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CommitSignal, RelayPool } from '#database';
import { FeedSignal } from '#notifications';
import { type ChangeNotice, type UserIdRange, encode } from './change-notice.js';
import { CHANNEL } from './channel.js';

/** NOTIFY takes a lock of the whole server at commit, so there is at most one in this time; the first goes at once. */
const PAUSE_MILLISECONDS = 50;

/** People are named one by one up to this many, and beyond it by the range of their ids. */
const MAX_NAMED = 20;

/**
 * Tells the processes that hold connections in which organizations something may have changed, and who has something new
 * in the feed. They read what it is.
 */
@Injectable()
export class ChangePublisher implements OnModuleDestroy {
  private pending: ChangeNotice = new Map();
  private nextAt = 0;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly relay: RelayPool,
    feeds: FeedSignal,
    commits: CommitSignal,
  ) {
    commits.onCommit((organizationId) => this.add(organizationId, []));
    feeds.onChange((organizationId, userIds) => this.add(organizationId, userIds));
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private add(organizationId: string, userIds: string[]): void {
    const ranges = this.pending.get(organizationId) ?? [];
    ranges.push(...rangesOf(userIds));
    this.pending.set(organizationId, ranges);
    this.timer ??= setTimeout(() => void this.notify(), Math.max(0, this.nextAt - Date.now()));
  }

  private async notify(): Promise<void> {
    const payload = encode(this.pending);
    this.pending = new Map();
    this.timer = undefined;
    this.nextAt = Date.now() + PAUSE_MILLISECONDS;
    // A process that does not hear of it looks a few seconds later.
    await this.relay.notify(CHANNEL, payload).catch(() => undefined);
  }
}

function rangesOf(userIds: string[]): UserIdRange[] {
  if (userIds.length <= MAX_NAMED) return userIds.map((userId) => [userId, userId]);
  const inOrder = userIds.toSorted();
  return [[inOrder[0]!, inOrder.at(-1)!]];
}

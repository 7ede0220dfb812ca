import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { FeedPosition, NotificationRow } from '#notifications';
import type { UserIdRange } from './change-notice.js';
import type { FeedSubscription } from './feed-subscription.js';

/** How many subscriptions one query reads for. */
const AT_ONCE = 200;

/** How many notifications one subscription gets at once: at most about 2 MB. */
const PAGE_SIZE = 50;

/** How many notifications one query reads, for all its subscriptions: at most about 25 MB. */
const MAX_READ = 600;

/** How much one organization may leave unread in this process: about 30 of the largest pages. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

/** A page that is sent within this time is not slow. */
const MOMENT_MILLISECONDS = 250;

export interface Found {
  /** The last seq of each person's feed. People who are not members are missing. */
  lastSeqs: Map<string, number>;
  /** For each position, the next notifications in order. */
  newer: NotificationRow[][];
}

export type Find = (positions: FeedPosition[], limit: number) => Promise<Found>;

/**
 * The connected people of one organization. One query reads for everybody who may have something new. Queries do not
 * overlap, so nothing is sent twice, and the next query covers what arrived meanwhile.
 *
 * Unread notifications take memory. A connection gets no further page until its last one has been sent, and nobody
 * gets any while the organization exceeds its limit: then the connections that have waited longest are closed.
 */
export class OrganizationFeed {
  private readonly subscriptions = new Map<string, Set<FeedSubscription>>();
  private readonly waiting = new Set<FeedSubscription>();
  /** Those whose page has not been sent, oldest page first, with the time of the page. */
  private readonly sending = new Map<FeedSubscription, number>();
  private isLoading = false;

  constructor(
    private readonly find: Find,
    private readonly reached: (notificationId: string) => void,
  ) {}

  get isEmpty(): boolean {
    return this.subscriptions.size === 0;
  }

  add(subscription: FeedSubscription): void {
    const subscriptions = this.subscriptions.get(subscription.userId) ?? new Set();
    this.subscriptions.set(subscription.userId, subscriptions.add(subscription));
    this.enqueue([subscription.userId]);
  }

  remove(subscription: FeedSubscription): void {
    this.waiting.delete(subscription);
    this.sending.delete(subscription);
    const subscriptions = this.subscriptions.get(subscription.userId);
    subscriptions?.delete(subscription);
    if (subscriptions?.size === 0) this.subscriptions.delete(subscription.userId);
  }

  /** null means everybody who is connected. */
  refresh(ranges: UserIdRange[] | null): void {
    const userIds = [...this.subscriptions.keys()];
    this.enqueue(
      ranges ? userIds.filter((id) => ranges.some(([first, last]) => id >= first && id <= last)) : userIds,
    );
  }

  private enqueue(userIds: string[]): void {
    for (const userId of userIds) {
      for (const subscription of this.subscriptions.get(userId) ?? []) this.waiting.add(subscription);
    }
    if (!this.isLoading) void this.load();
  }

  private async load(): Promise<void> {
    this.isLoading = true;
    try {
      for (let some = this.next(); some.length > 0; some = this.next()) {
        await this.loadSome(some);
        while (this.dropSlow() > MAX_UNSENT_BYTES)
          await delay(MOMENT_MILLISECONDS, undefined, { ref: false });
      }
    } catch (error) {
      // Everybody is refreshed again within seconds.
      new Logger('Realtime').warn(`Reading new notifications failed, retrying within 4 s: ${String(error)}`);
    } finally {
      this.isLoading = false;
    }
  }

  /** Those that are still sending wait until they have sent their page. */
  private next(): FeedSubscription[] {
    const some = [...this.waiting].filter((one) => !this.sending.has(one)).slice(0, AT_ONCE);
    for (const subscription of some) this.waiting.delete(subscription);
    return some;
  }

  private async loadSome(subscriptions: FeedSubscription[]): Promise<void> {
    const limit = Math.min(PAGE_SIZE, Math.floor(MAX_READ / subscriptions.length));
    const { lastSeqs, newer } = await this.find(subscriptions, limit);
    for (const [index, subscription] of subscriptions.entries()) {
      const lastSeq = lastSeqs.get(subscription.userId);
      const rows = newer[index]!;
      if (lastSeq === undefined) subscription.listener.end();
      else this.deliverTo(subscription, { lastSeq, rows, isFull: rows.length === limit });
    }
  }

  private deliverTo(
    subscription: FeedSubscription,
    page: { lastSeq: number; rows: NotificationRow[]; isFull: boolean },
  ): void {
    const isThere = this.subscriptions.get(subscription.userId)?.has(subscription);
    if (!isThere) return;
    if (page.rows.length > 0) this.sending.set(subscription, performance.now());
    const onSent = () => {
      this.sending.delete(subscription);
      if (page.isFull) this.waiting.add(subscription);
      if (this.waiting.has(subscription) && !this.isLoading) void this.load();
    };
    subscription.take({ ...page, reached: this.reached, onSent });
  }

  /** Closes slow connections while there is too much unsent. Returns how many unsent bytes remain. */
  private dropSlow(): number {
    let total = [...this.sending.keys()].reduce((sum, { listener }) => sum + listener.unsentBytes, 0);
    const slowSince = performance.now() - MOMENT_MILLISECONDS;
    for (const [{ listener }, since] of this.sending) {
      if (total <= MAX_UNSENT_BYTES || since > slowSince) break;
      total -= listener.unsentBytes;
      listener.drop();
    }
    return total;
  }
}

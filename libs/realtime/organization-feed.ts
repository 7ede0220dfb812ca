import { Logger } from '@nestjs/common';
import type { FeedPosition, NotificationRow } from '#notifications';
import type { UserIdRange } from './change-notice.js';
import { PAGE_SIZE, type FeedSubscription } from './feed-subscription.js';

/** How many subscriptions one query reads for. */
const AT_ONCE = 200;

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
 */
export class OrganizationFeed {
  private readonly subscriptions = new Map<string, Set<FeedSubscription>>();
  private readonly waiting = new Set<FeedSubscription>();
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
      while (this.waiting.size > 0) await this.loadSome(this.next());
    } catch (error) {
      // Everybody is refreshed again within seconds.
      new Logger('Realtime').warn(`Reading new notifications failed, retrying within 4 s: ${String(error)}`);
    } finally {
      this.isLoading = false;
    }
  }

  /** Busy subscriptions are left out: they ask for more when they have sent their page. */
  private next(): FeedSubscription[] {
    const some = [...this.waiting].slice(0, AT_ONCE);
    for (const subscription of some) this.waiting.delete(subscription);
    return some.filter(({ isBusy }) => !isBusy);
  }

  private async loadSome(subscriptions: FeedSubscription[]): Promise<void> {
    if (subscriptions.length === 0) return;
    const { lastSeqs, newer } = await this.find(subscriptions, PAGE_SIZE);
    for (const [index, subscription] of subscriptions.entries()) {
      const lastSeq = lastSeqs.get(subscription.userId);
      if (lastSeq === undefined) subscription.listener.end();
      else this.deliverTo(subscription, lastSeq, newer[index]!);
    }
  }

  private deliverTo(subscription: FeedSubscription, lastSeq: number, rows: NotificationRow[]): void {
    const isThere = this.subscriptions.get(subscription.userId)?.has(subscription);
    if (!isThere) return;
    const askForMore = () => {
      this.waiting.add(subscription);
      if (!this.isLoading) void this.load();
    };
    subscription.take({ lastSeq, rows, reached: this.reached, askForMore });
  }
}

import { Logger } from '@nestjs/common';
import type { FeedPosition, NotificationRow } from '#notifications';
import type { UserIdRange } from './change-notice.js';
import { PAGE_SIZE, type FeedSubscription } from './feed-subscription.js';

/** So many are looked for by one query. */
const AT_ONCE = 200;

export interface Found {
  /** How far the feed of each person goes; who is no member is not in it. */
  lastSeqs: Map<string, number>;
  /** Of each position what comes next, in order. */
  newer: NotificationRow[][];
}

export type Find = (positions: FeedPosition[], limit: number) => Promise<Found>;

/**
 * The people of one organization who are connected here. It looks for all who may have something new by one query,
 * and for nobody twice at the same time: so nothing is told twice, and what comes meanwhile is looked for next.
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

  add(stream: FeedSubscription): void {
    const streams = this.subscriptions.get(stream.userId) ?? new Set();
    this.subscriptions.set(stream.userId, streams.add(stream));
    this.enqueue([stream.userId]);
  }

  remove(stream: FeedSubscription): void {
    this.waiting.delete(stream);
    const streams = this.subscriptions.get(stream.userId);
    streams?.delete(stream);
    if (streams?.size === 0) this.subscriptions.delete(stream.userId);
  }

  /** null: for all who are connected. */
  refresh(spans: UserIdRange[] | null): void {
    const userIds = [...this.subscriptions.keys()];
    this.enqueue(
      spans ? userIds.filter((id) => spans.some(([first, last]) => id >= first && id <= last)) : userIds,
    );
  }

  private enqueue(userIds: string[]): void {
    for (const userId of userIds) {
      for (const stream of this.subscriptions.get(userId) ?? []) this.waiting.add(stream);
    }
    if (!this.isLoading) void this.load();
  }

  private async load(): Promise<void> {
    this.isLoading = true;
    try {
      while (this.waiting.size > 0) await this.loadSome(this.next());
    } catch (error) {
      // All are looked for again in a few seconds.
      new Logger('Realtime').warn(`Reading new notifications failed, retrying within 4 s: ${String(error)}`);
    } finally {
      this.isLoading = false;
    }
  }

  /** Who is busy asks for more. */
  private next(): FeedSubscription[] {
    const some = [...this.waiting].slice(0, AT_ONCE);
    for (const stream of some) this.waiting.delete(stream);
    return some.filter(({ isBusy }) => !isBusy);
  }

  private async loadSome(streams: FeedSubscription[]): Promise<void> {
    if (streams.length === 0) return;
    const { lastSeqs, newer } = await this.find(streams, PAGE_SIZE);
    for (const [index, stream] of streams.entries()) {
      const lastSeq = lastSeqs.get(stream.userId);
      if (lastSeq === undefined) stream.outlet.end();
      else this.deliverTo(stream, lastSeq, newer[index]!);
    }
  }

  private deliverTo(stream: FeedSubscription, lastSeq: number, rows: NotificationRow[]): void {
    const isThere = this.subscriptions.get(stream.userId)?.has(stream);
    if (!isThere) return;
    const askForMore = () => {
      this.waiting.add(stream);
      if (!this.isLoading) void this.load();
    };
    stream.take({ lastSeq, rows, reached: this.reached, askForMore });
  }
}

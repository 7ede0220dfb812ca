import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, PgListener } from '#database';
import { findLastSeqs, findNewer } from '#notifications';
import { ChangeHub } from './change-hub.js';
import { decode } from './change-notice.js';
import { CHANNEL } from './channel.js';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';
import { type Find, OrganizationFeed } from './organization-feed.js';
import { type FeedListener, FeedSubscription } from './feed-subscription.js';

/**
 * How often the feeds of all connected people are read, even without a notice: a NOTIFY may be lost, and a removed
 * member must be disconnected within five seconds.
 */
const SWEEP_MILLISECONDS = 4000;

/**
 * Sends new notifications to the people connected to this process. A change notice only says that there may be
 * something new. The notifications are read from the feed, where the order of seq is that of commits.
 */
@Injectable()
export class RealtimeHub implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly feeds = new Map<string, OrganizationFeed>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly database: Database,
    private readonly deliveryLog: WebSocketDeliveryLog,
    private readonly changes: ChangeHub,
    listener: PgListener,
  ) {
    listener.listen(CHANNEL, {
      onNotification: (payload) => this.onNotification(payload),
      onListen: () => this.refreshAll(),
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.refreshAll(), SWEEP_MILLISECONDS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** The last seq of the person's feed. undefined if they are not a member. */
  async lastSeqOf(organizationId: string, userId: string): Promise<number | undefined> {
    const lastSeqs = await this.database.organizationRead(organizationId, (tx) => findLastSeqs(tx, [userId]));
    return lastSeqs.get(userId);
  }

  /** Subscribes to the feed after a seq. */
  open(organizationId: string, userId: string, after: number, listener: FeedListener): FeedSubscription {
    const subscription = new FeedSubscription(organizationId, userId, after, listener);
    const feed = this.feeds.get(organizationId) ?? this.makeFeed(organizationId);
    this.feeds.set(organizationId, feed);
    feed.add(subscription);
    return subscription;
  }

  close(subscription: FeedSubscription): void {
    const feed = this.feeds.get(subscription.organizationId);
    feed?.remove(subscription);
    if (feed?.isEmpty) this.feeds.delete(subscription.organizationId);
  }

  private makeFeed(organizationId: string): OrganizationFeed {
    const find: Find = (positions, limit) =>
      this.database.organizationRead(organizationId, async (tx) => {
        const userIds = [...new Set(positions.map(({ userId }) => userId))];
        // The order of the queries matters: the second one sees everything up to the seqs of the first.
        const [lastSeqs, newer] = await Promise.all([
          findLastSeqs(tx, userIds),
          findNewer(tx, positions, limit),
        ]);
        return { lastSeqs, newer };
      });
    return new OrganizationFeed(find, (notificationId) =>
      this.deliveryLog.add(organizationId, notificationId),
    );
  }

  private onNotification(payload: string): void {
    const notice = decode(payload);
    if (!notice) return this.refreshAll();
    for (const [organizationId, ranges] of notice) {
      this.feeds.get(organizationId)?.refresh(ranges);
      this.changes.refresh(organizationId, ranges);
    }
  }

  private refreshAll(): void {
    for (const feed of this.feeds.values()) feed.refresh(null);
    this.changes.refreshAll();
  }
}

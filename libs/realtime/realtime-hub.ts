import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, PgListener } from '#database';
import { findLastSeqs, findNewer } from '#notifications';
import { decode } from './change-notice.js';
import { CHANNEL } from './channel.js';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';
import { type Find, OrganizationFeed } from './organization-feed.js';
import { type FeedListener, FeedSubscription } from './feed-subscription.js';

/**
 * How often all who are connected are looked for, whatever was heard: an announcement may be lost, and whoever is
 * removed is to be noticed within five seconds.
 */
const SWEEP_MILLISECONDS = 4000;

/**
 * Tells people who are connected to this process what is new in their feeds. An announcement says no more than
 * that there is something: what it is is read from the feed itself, in which the order of seq is that of commits.
 */
@Injectable()
export class RealtimeHub implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly feeds = new Map<string, OrganizationFeed>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly database: Database,
    private readonly deliveryLog: WebSocketDeliveryLog,
    listener: PgListener,
  ) {
    listener.listen(CHANNEL, {
      heard: (payload) => this.heard(payload),
      began: () => this.refreshAll(),
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.refreshAll(), SWEEP_MILLISECONDS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** How far the feed of the person goes; undefined for who is no member. */
  async lastSeqOf(organizationId: string, userId: string): Promise<number | undefined> {
    const lastSeqs = await this.database.organizationTransaction(organizationId, (tx) =>
      findLastSeqs(tx, [userId]),
    );
    return lastSeqs.get(userId);
  }

  /** From a seq on. */
  open(organizationId: string, userId: string, after: number, outlet: FeedListener): FeedSubscription {
    const stream = new FeedSubscription(organizationId, userId, after, outlet);
    const room = this.feeds.get(organizationId) ?? this.makeFeed(organizationId);
    this.feeds.set(organizationId, room);
    room.add(stream);
    return stream;
  }

  close(stream: FeedSubscription): void {
    const room = this.feeds.get(stream.organizationId);
    room?.remove(stream);
    if (room?.isEmpty) this.feeds.delete(stream.organizationId);
  }

  private makeFeed(organizationId: string): OrganizationFeed {
    const find: Find = (positions, limit) =>
      this.database.organizationTransaction(organizationId, async (tx) => {
        const userIds = [...new Set(positions.map(({ userId }) => userId))];
        // In this order: all up to what the first has seen, the second sees.
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

  private heard(payload: string): void {
    const announced = decode(payload);
    if (!announced) return this.refreshAll();
    for (const [organizationId, spans] of announced) this.feeds.get(organizationId)?.refresh(spans);
  }

  private refreshAll(): void {
    for (const room of this.feeds.values()) room.refresh(null);
  }
}

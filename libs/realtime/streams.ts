import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ChannelListener, DATABASE_URLS, Database, type DatabaseUrls, type Transaction } from '#database';
import { WHOLE_ORGANIZATION } from '#identity';
import { findLastSeqs, findNewer } from '#notifications';
import { decode } from './announcement.js';
import { CHANNEL } from './channel.js';
import { Receipts } from './receipts.js';
import { type Find, Room } from './room.js';
import { type Outlet, Stream } from './stream.js';

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
export class Streams implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rooms = new Map<string, Room>();
  private readonly listener: ChannelListener;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly database: Database,
    private readonly receipts: Receipts,
    @Inject(DATABASE_URLS) urls: DatabaseUrls,
  ) {
    this.listener = new ChannelListener(urls, CHANNEL, {
      heard: (payload) => this.heard(payload),
      began: () => this.lookForAll(),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.timer = setInterval(() => this.lookForAll(), SWEEP_MILLISECONDS);
    await this.listener.start();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.listener.stop();
  }

  /** How far the feed of the person goes; undefined for who is no member. */
  async lastSeqOf(organizationId: string, userId: string): Promise<number | undefined> {
    const lastSeqs = await this.inOrganization(organizationId, (tx) => findLastSeqs(tx, [userId]));
    return lastSeqs.get(userId);
  }

  /** From a seq on. */
  open(organizationId: string, userId: string, after: number, outlet: Outlet): Stream {
    const stream = new Stream(organizationId, userId, after, outlet);
    const room = this.rooms.get(organizationId) ?? this.makeRoom(organizationId);
    this.rooms.set(organizationId, room);
    room.add(stream);
    return stream;
  }

  close(stream: Stream): void {
    const room = this.rooms.get(stream.organizationId);
    room?.remove(stream);
    if (room?.isEmpty) this.rooms.delete(stream.organizationId);
  }

  private makeRoom(organizationId: string): Room {
    const find: Find = (positions, limit) =>
      this.inOrganization(organizationId, async (tx) => {
        const userIds = [...new Set(positions.map(({ userId }) => userId))];
        // In this order: all up to what the first has seen, the second sees.
        const [lastSeqs, newer] = await Promise.all([
          findLastSeqs(tx, userIds),
          findNewer(tx, positions, limit),
        ]);
        return { lastSeqs, newer };
      });
    return new Room(find, (notificationId) => this.receipts.add(organizationId, notificationId));
  }

  private heard(payload: string): void {
    const announced = decode(payload);
    if (!announced) return this.lookForAll();
    for (const [organizationId, spans] of announced) this.rooms.get(organizationId)?.lookIn(spans);
  }

  private lookForAll(): void {
    for (const room of this.rooms.values()) room.lookIn(null);
  }

  private inOrganization<T>(organizationId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.tenantTransaction({ organizationId, userId: WHOLE_ORGANIZATION }, work);
  }
}

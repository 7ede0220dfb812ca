import { Injectable } from '@nestjs/common';
import { type Position, decodeCursor, findPosition } from '#change-log';
import { RelayPool } from '#database';
import type { PersonCaller } from '#identity';
import { isLive } from '#notifications';
import { ChangeHub } from './change-hub.js';
import type { ChangeWaiter, Wake } from './change-waiter.js';
import { type News, SyncReader } from './sync-reader.js';
import { type Sync, hasChanged, nothing } from './sync.js';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';
import { hasChanges } from './woken-changes.js';

export interface SyncOptions {
  /** The threads that the client shows: it gets their messages, and of all others only the thread itself. */
  shown: string[];
  /** How long to wait if nothing has changed. */
  milliseconds: number;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
  /** Runs the wait outside of the limits of requests. */
  idle: <T>(wait: () => Promise<T>) => Promise<T>;
  /** Of a connection that asks again and again. It ends with endFollowing(). */
  following?: Following;
}

/** Waits on between two calls, so that the second one looks only where something changed. */
export interface Following {
  waiter?: ChangeWaiter;
  /** Up to here all was looked at, and the waiter is woken for what came after it. */
  cursor?: string;
}

/** Waits for what changes for a person. */
@Injectable()
export class SyncService {
  constructor(
    private readonly relay: RelayPool,
    private readonly hub: ChangeHub,
    private readonly reader: SyncReader,
    private readonly deliveryLog: WebSocketDeliveryLog,
  ) {}

  /** Nothing but the cursor of now. */
  async now(): Promise<Sync> {
    return nothing(await findPosition(this.relay));
  }

  /** What changed since the cursor. If that is nothing, waits for something. */
  async since(caller: PersonCaller, cursor: string, options: SyncOptions): Promise<Sync> {
    const { following = {} } = options;
    const waiter = (following.waiter ??= await this.hub.open(caller.organizationId, caller.userId));
    const hasLooked = following.cursor === cursor;
    // Until this call has succeeded: what the waiter is woken for is lost otherwise.
    following.cursor = undefined;
    try {
      const sync = await this.follow(caller, cursor, { ...options, waiter, hasLooked });
      // If nothing came within the time, the next call looks at everything.
      if (hasChanged(sync)) following.cursor = sync.cursor;
      return sync;
    } finally {
      if (!options.following) this.endFollowing(following);
    }
  }

  endFollowing({ waiter }: Following): void {
    if (waiter) this.hub.close(waiter);
  }

  private async follow(
    caller: PersonCaller,
    cursor: string,
    { waiter, hasLooked, ...options }: SyncOptions & { waiter: ChangeWaiter; hasLooked: boolean },
  ): Promise<Sync> {
    let position = decodeCursor(cursor);
    const end = performance.now() + options.milliseconds;
    for (let wake: Wake | undefined, isDue = !hasLooked; ;) {
      if (isDue) {
        const news = await this.newsOf(caller, position, options.shown, wake);
        // Other threads may have changed after the hub looked, so what was looked at ends there.
        position = { ...news.changes, ...wake?.position };
        if (news.feed) waiter.feedSeq = position.feedSeq = news.feed.last_seq;
        if (news.changes.isLost) return { ...nothing(position), reset: true, loggedAt: wake?.loggedAt };
        if (hasNews(news)) {
          const { sync, feedSeq } = await this.reader.load(caller, news, { position, shown: options.shown });
          waiter.feedSeq = feedSeq;
          return { ...sync, loggedAt: wake?.loggedAt };
        }
      }
      const left = end - performance.now();
      wake = left > 0 ? await options.idle(() => waiter.next(left, options.signal)) : undefined;
      if (!wake) return nothing(position);
      isDue = hasChanges(wake.changes, waiter.feedSeq);
    }
  }

  /** Mostly the hub has read all that the log says. */
  private newsOf(
    caller: PersonCaller,
    position: Position,
    shown: string[],
    wake?: Wake,
  ): Promise<News> | News {
    if (!wake || wake.changes.mustLook) {
      return this.reader.look(caller, position, { shown, among: wake?.changes.threadIds });
    }
    const { joined, messages, lastSeq: _lastSeq, mustLook: _mustLook, ...changes } = wake.changes;
    const isShown = new Set(shown);
    return {
      changes: {
        ...position,
        ...changes,
        messages: messages.filter(({ thread_id }) => isShown.has(thread_id)),
        resetThreads: shown.filter((id) => joined.includes(id)),
        isLost: false,
      },
    };
  }

  /** The client has received it over a WebSocket. */
  reached({ organizationId }: PersonCaller, { notifications }: Sync): void {
    for (const notification of notifications) {
      if (isLive(notification)) this.deliveryLog.add(organizationId, notification.id);
    }
  }
}

const hasNews = ({ changes, feed }: News): boolean =>
  changes.preferences ||
  feed?.rows?.length !== 0 ||
  [changes.threadIds, changes.messages, changes.notifications].some(({ length }) => length > 0);

import { Injectable } from '@nestjs/common';
import {
  type PersonChanges,
  type Position,
  decodeCursor,
  findChangesOfPerson,
  findPosition,
} from '#change-log';
import { Database, RelayPool } from '#database';
import type { PersonCaller } from '#identity';
import { countUnread, findThreadMarks, findThreads } from '#messaging';
import { type FeedNews, countFeed, findBySeq, findNews, isLive } from '#notifications';
import { Problem } from '#problem';
import { ChangeHub } from './change-hub.js';
import type { ChangeWaiter, Wake } from './change-waiter.js';
import { findMessages } from './changed-messages.js';
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

/** What the log says, and the feed if it was looked at, before anything is read. */
interface News {
  changes: Omit<PersonChanges, 'isMember'>;
  feed?: FeedNews;
}

/** Reads what changed for a person, as they may see it now. */
@Injectable()
export class SyncService {
  constructor(
    private readonly database: Database,
    private readonly relay: RelayPool,
    private readonly hub: ChangeHub,
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
        if (hasNews(news)) {
          const sync = await this.load(caller, news, { position, waiter, shown: options.shown });
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
      return this.look(caller, position, { shown, among: wake?.changes.threadIds });
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

  private async look(
    caller: PersonCaller,
    position: Position,
    threads: { shown: string[]; among?: string[] },
  ): Promise<News> {
    const [feed, changes] = await this.database.tenantRead(caller, (tx) =>
      Promise.all([
        findNews(tx, caller.userId, { after: position.feedSeq, since: position.takenAt }),
        findChangesOfPerson(tx, caller.userId, position, threads),
      ]),
    );
    if (!changes.isMember) throw new Problem('forbidden');
    return { changes, feed };
  }

  private async load(
    caller: PersonCaller,
    news: News,
    { position, waiter, shown }: { position: Position; waiter: ChangeWaiter; shown: string[] },
  ): Promise<Sync> {
    const { changes } = news;
    const marked = shown.filter((id) => changes.threadIds.includes(id));
    if (changes.isLost) return { ...nothing(position), reset: true };
    const [feed, threads, messages, marks, changed, unread, notifications] = await this.database.tenantRead(
      caller,
      (tx) =>
        Promise.all([
          news.feed ?? findNews(tx, caller.userId, { after: position.feedSeq, since: position.takenAt }),
          findThreads(tx, caller.userId, changes.threadIds),
          findMessages(tx, caller.userId, changes.messages),
          Promise.all(
            marked.map(async (threadId) => ({
              threadId,
              marks: await findThreadMarks(tx, caller.userId, threadId),
            })),
          ),
          findBySeq(tx, caller.userId, changes.notifications),
          countUnread(tx, caller.userId),
          countFeed(tx, caller.userId),
        ]),
    );
    const isShown = new Set(threads.map(({ id }) => id));
    const isThere = new Set(messages.map(({ thread_id, seq }) => `${thread_id} ${seq}`));
    // The feed was read before the log, so a notification may be new in one and changed or gone in the other.
    const shownNotifications = new Map([...(feed.rows ?? []), ...changed.shown].map((row) => [row.id, row]));
    for (const id of changed.gone) shownNotifications.delete(id);
    waiter.feedSeq = feed.last_seq;
    return {
      ...nothing({ ...position, feedSeq: feed.last_seq }),
      threads,
      goneThreads: changes.threadIds.filter((id) => !isShown.has(id)),
      messages,
      goneMessages: changes.messages.filter(({ thread_id, seq }) => !isThere.has(`${thread_id} ${seq}`)),
      resetThreads: changes.resetThreads,
      marks,
      notifications: [...shownNotifications.values()].toSorted((one, other) => one.seq - other.seq),
      goneNotifications: changed.gone,
      resetNotifications: feed.rows === undefined,
      counts: { messages: unread.unread_count, notifications },
      preferencesChanged: changes.preferences,
    };
  }
}

const hasNews = ({ changes, feed }: News): boolean =>
  changes.isLost ||
  changes.preferences ||
  feed?.rows?.length !== 0 ||
  [changes.threadIds, changes.messages, changes.notifications].some(({ length }) => length > 0);

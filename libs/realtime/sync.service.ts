import { Injectable } from '@nestjs/common';
import {
  type PersonChanges,
  type Position,
  decodeCursor,
  encodeCursor,
  findChangesOfPerson,
  findPosition,
} from '#change-log';
import { Database, RelayPool } from '#database';
import type { PersonCaller } from '#identity';
import {
  type MessageView,
  type ThreadMark,
  type ThreadView,
  countUnread,
  findThreadMarks,
  findThreads,
} from '#messaging';
import {
  type FeedCount,
  type FeedNews,
  type NotificationRow,
  countFeed,
  findBySeq,
  isLive,
  findNews,
} from '#notifications';
import { Problem } from '#problem';
import { ChangeHub } from './change-hub.js';
import { type MessagePlace, findMessages } from './changed-messages.js';
import type { ChangeWaiter, Wake } from './change-waiter.js';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';

/** The current state of everything that changed for a person since a cursor. */
export interface Sync {
  /** Where the next one continues. */
  cursor: string;
  /** The changes since the cursor are unknown or too many: the client loads everything again. */
  reset: boolean;
  threads: ThreadView[];
  goneThreads: string[];
  messages: MessageView[];
  goneMessages: MessagePlace[];
  /** Threads that the client shows and that the person has joined or left: it loads their messages again. */
  resetThreads: string[];
  /** Of the threads that the client shows and that changed: all their read marks. */
  marks: { threadId: string; marks: ThreadMark[] }[];
  notifications: NotificationRow[];
  goneNotifications: string[];
  /** There are too many new notifications: the client loads the feed again. */
  resetNotifications: boolean;
  counts: Counts | null;
  preferencesChanged: boolean;
  /** When the first change was logged, on the clock of performance.now(). Only if the reader waited for it. */
  loggedAt?: number;
}

export interface Counts {
  messages: number;
  notifications: FeedCount;
}

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

/** What the log and the feed say, before anything is read. */
interface News {
  changes: PersonChanges;
  feed: FeedNews;
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
    for (let wake: Wake | undefined, mustLook = !hasLooked; ; mustLook = true) {
      if (mustLook) {
        const news = await this.look(caller, position, { shown: options.shown, among: wake?.threadIds });
        // Other threads may have changed after the hub looked, so what was looked at ends there.
        position = { ...news.changes, ...wake?.position, feedSeq: news.feed.last_seq };
        waiter.feedSeq = news.feed.last_seq;
        if (hasNews(news)) {
          const sync = await this.load(caller, news, position, options.shown);
          return { ...sync, loggedAt: wake?.loggedAt };
        }
      }
      const left = end - performance.now();
      wake = left > 0 ? await options.idle(() => waiter.next(left, options.signal)) : undefined;
      if (!wake) return nothing(position);
    }
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

  private async load(caller: PersonCaller, news: News, position: Position, shown: string[]): Promise<Sync> {
    const { changes, feed } = news;
    const marked = shown.filter((id) => changes.threadIds.includes(id));
    if (changes.isLost) return { ...nothing(position), reset: true };
    const [threads, messages, marks, changed, unread, notifications] = await this.database.tenantRead(
      caller,
      (tx) =>
        Promise.all([
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
    return {
      ...nothing(position),
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
  feed.rows?.length !== 0 ||
  [changes.threadIds, changes.messages, changes.notifications].some(({ length }) => length > 0);

const hasChanged = (sync: Sync): boolean => sync.reset || sync.counts !== null;

const nothing = (position: Position): Sync => ({
  cursor: encodeCursor(position),
  reset: false,
  threads: [],
  goneThreads: [],
  messages: [],
  goneMessages: [],
  resetThreads: [],
  marks: [],
  notifications: [],
  goneNotifications: [],
  resetNotifications: false,
  counts: null,
  preferencesChanged: false,
});

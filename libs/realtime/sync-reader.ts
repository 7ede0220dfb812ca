import { Injectable } from '@nestjs/common';
import { type PersonChanges, type Position, findChangesOfPerson } from '#change-log';
import { Database, type Transaction } from '#database';
import { FairSemaphore } from '#fairness';
import type { PersonCaller } from '#identity';
import { countUnread, findThreadMarks, findThreads } from '#messaging';
import { type FeedNews, countFeed, findBySeq, findNews } from '#notifications';
import { Problem } from '#problem';
import { findMessages } from './changed-messages.js';
import { type Sync, nothing } from './sync.js';

/** What the log says, and the feed if it was looked at, before anything is read. */
export interface News {
  changes: Omit<PersonChanges, 'isMember'>;
  feed?: FeedNews;
}

interface Loaded {
  sync: Sync;
  /** The last notification in the feed. */
  feedSeq: number;
}

/** So many at once: when thousands of connections have to read, requests must not wait for a connection behind them. */
const READS = 2;
/** Of one organization while another one reads too. */
const READS_AMONG_OTHERS = 1;

/** Reads what changed for a person, as they may see it now. */
@Injectable()
export class SyncReader {
  /** Reads that are under way, by all that they depend on. */
  private readonly loading = new Map<string, Promise<Loaded>>();

  private readonly reads = new FairSemaphore({
    permits: READS,
    permitsPerKeyAmongOthers: READS_AMONG_OTHERS,
  });

  constructor(private readonly database: Database) {}

  async look(
    caller: PersonCaller,
    position: Position,
    threads: { shown: string[]; among?: string[] },
  ): Promise<News> {
    const [feed, changes] = await this.tenantRead(caller, (tx) =>
      Promise.all([
        findNews(tx, caller.userId, { after: position.feedSeq, since: position.takenAt }),
        findChangesOfPerson(tx, caller.userId, position, threads),
      ]),
    );
    if (!changes.isMember) throw new Problem('forbidden');
    return { changes, feed };
  }

  /** The current state of what changed. Connections of a person that are at the same position share one read. */
  load(caller: PersonCaller, news: News, where: { position: Position; shown: string[] }): Promise<Loaded> {
    const { organizationId, userId } = caller;
    const { threadIds, messages, notifications, resetThreads, preferences } = news.changes;
    const read = [threadIds, messages, notifications, resetThreads, preferences, news.feed];
    const key = JSON.stringify([organizationId, userId, read, where]);
    const loading =
      this.loading.get(key) ?? this.read(caller, news, where).finally(() => this.loading.delete(key));
    this.loading.set(key, loading);
    return loading;
  }

  private async read(
    caller: PersonCaller,
    news: News,
    { position, shown }: { position: Position; shown: string[] },
  ): Promise<Loaded> {
    const { changes } = news;
    const marked = shown.filter((id) => changes.threadIds.includes(id));
    const [feed, threads, messages, marks, changed, unread, notifications] = await this.tenantRead(
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
    const sync = {
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
    return { sync, feedSeq: feed.last_seq };
  }

  private tenantRead<T>(caller: PersonCaller, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.reads.run(caller.organizationId, () => this.database.tenantRead(caller, work));
  }
}

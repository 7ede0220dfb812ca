import { Injectable } from '@nestjs/common';
import { Database, type Page, fetchPage } from '#database';
import type { PersonCaller } from '#identity';
import { invalidField, notFound } from '#problem';
import { type FeedCount, countFeed, countUpTo } from './counting.queries.js';
import {
  type NotificationRow,
  changeStatus,
  deleteNotification,
  findNotification,
  findRecorded,
  markNewestRead,
} from './feed.queries.js';
import { type FeedList, listFeed } from './listing.queries.js';
import type { Status } from './status.js';

/** The feed of a person. */
@Injectable()
export class NotificationFeedService {
  constructor(private readonly database: Database) {}

  list(
    caller: PersonCaller,
    filter: FeedList,
  ): Promise<{ page: Page<NotificationRow>; unread_count: number }> {
    return this.database.tenantRead(caller, async (tx) => {
      const [page, { unread_count }] = await Promise.all([
        fetchPage(filter, (list) => listFeed(tx, caller.userId, list)),
        countFeed(tx, caller.userId),
      ]);
      return { page, unread_count };
    });
  }

  count(caller: PersonCaller): Promise<FeedCount> {
    return this.database.tenantRead(caller, (tx) => countFeed(tx, caller.userId));
  }

  get(caller: PersonCaller, id: string): Promise<NotificationRow> {
    return this.database.tenantRead(caller, async (tx) =>
      there(await findNotification(tx, caller.userId, id)),
    );
  }

  /** Includes notifications that the feed does not show. */
  getRecorded(caller: PersonCaller, id: string): Promise<NotificationRow> {
    return this.database.tenantRead(caller, async (tx) => there(await findRecorded(tx, caller.userId, id)));
  }

  setStatus(caller: PersonCaller, id: string, status: Status): Promise<NotificationRow> {
    return this.database.tenantTransaction(caller, async (tx) => {
      return there(await changeStatus(tx, caller.userId, id, status));
    });
  }

  async remove(caller: PersonCaller, id: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      if (!(await deleteNotification(tx, caller.userId, id))) throw notFound();
    });
  }

  /**
   * Marks all, or those of one type, up to the newest that the person has seen. An event has the worker mark what one
   * batch leaves. The result counts these as read already.
   */
  readAll(
    caller: PersonCaller,
    { type, before }: { type?: string; before?: string },
  ): Promise<{ updated: number; unread_count: number }> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const bound = before === undefined ? undefined : await findNotification(tx, caller.userId, before);
      if (before !== undefined && !bound)
        throw invalidField('before', 'must be the id of one of your notifications');
      const { marked, rest } = await markNewestRead(tx, caller.userId, { type, upTo: bound?.seq });
      const { unread_count } = await countFeed(tx, caller.userId);
      if (rest === undefined) return { updated: marked, unread_count };
      const later = await countUpTo(tx, caller.userId, rest, type);
      tx.record('notifications.reading', { user_id: caller.userId, type: type ?? null, up_to: rest });
      return { updated: marked + later, unread_count: unread_count - later };
    });
  }
}

function there(notification: NotificationRow | undefined): NotificationRow {
  if (!notification) throw notFound();
  return notification;
}

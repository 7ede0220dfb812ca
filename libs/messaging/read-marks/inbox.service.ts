import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { PersonCaller } from '#identity';
import { type History, type HistoryPage, findHistory } from '../messages/history.queries.js';
import { findContactOrFail } from '../policy/contacts.queries.js';
import { type Inbox, type InboxPage, findInbox } from './inbox.queries.js';
import { type UnreadCount, countUnread } from './read-marks.queries.js';

/** The inbox of a person, its unread count, and the conversation with one other person. */
@Injectable()
export class InboxService {
  constructor(private readonly database: Database) {}

  inbox(caller: PersonCaller, page: InboxPage): Promise<Inbox> {
    return this.database.tenantRead(caller, (tx) => findInbox(tx, caller.userId, page));
  }

  unread(caller: PersonCaller): Promise<UnreadCount> {
    return this.database.tenantRead(caller, (tx) => countUnread(tx, caller.userId));
  }

  /** The messages with one other person. Empty if there is no thread yet. */
  conversation(caller: PersonCaller, person: string, page: HistoryPage): Promise<History> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const { threadId } = await findContactOrFail(tx, caller, person);
      const history = threadId && (await findHistory(tx, caller.userId, threadId, page));
      return history || { messages: [], next: null };
    });
  }
}

import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { type PersonCaller } from '#identity';
import { Problem, invalidField, notFound } from '#problem';
import { type History, type HistoryPage, findHistory } from '../messages/history.queries.js';
import { type Inbox, type InboxPage, findInbox } from './inbox.queries.js';
import { findMessage } from '../messages/messages.queries.js';
import { findContactOrFail } from '../policy/contacts.queries.js';
import {
  type ReadState,
  type UnreadCount,
  advanceMark,
  countUnread,
  findReadAt,
} from './read-marks.queries.js';

/** What a person has to read, and what they have read. */
@Injectable()
export class ReadMarksService {
  constructor(private readonly database: Database) {}

  inbox(caller: PersonCaller, page: InboxPage): Promise<Inbox> {
    return this.database.tenantRead(caller, (tx) => findInbox(tx, caller.userId, page));
  }

  unread(caller: PersonCaller): Promise<UnreadCount> {
    return this.database.tenantRead(caller, (tx) => countUnread(tx, caller.userId));
  }

  /** The messages with one other person; none where there is no thread yet. */
  conversation(caller: PersonCaller, person: string, page: HistoryPage): Promise<History> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const { threadId } = await findContactOrFail(tx, caller, person);
      const history = threadId && (await findHistory(tx, caller.userId, threadId, page));
      return history || { messages: [], next: null };
    });
  }

  /** Up to a message of the thread, or all of it. With the sight of the organization: see advanceMark. */
  readThread(caller: PersonCaller, threadId: string, upTo?: string): Promise<ReadState> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const message = upTo === undefined ? undefined : await findMessage(tx, caller.userId, upTo);
      if (upTo !== undefined && message?.thread_id !== threadId) {
        // Whether the thread or the message is not theirs, they learn no more than that.
        await assertThread(tx, caller, threadId);
        throw invalidField('up_to', 'must be a message of this thread');
      }
      return advance(tx, caller, threadId, message?.seq ?? null);
    });
  }

  /** Marks it and those before it; the time of the first reading stays. */
  readMessage(caller: PersonCaller, id: string): Promise<{ read_at: Date | null }> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const message = await findMessage(tx, caller.userId, id);
      if (!message) throw notFound();
      if (message.sender_id === caller.userId) {
        throw new Problem('not_recipient', 'You have sent this message yourself.');
      }
      await advance(tx, caller, message.thread_id, message.seq);
      const read_at = await findReadAt(tx, caller.userId, message.thread_id, message.seq);
      // They may have left meanwhile and come back, and so see it no more.
      if (read_at === undefined) throw notFound();
      return { read_at };
    });
  }
}

async function advance(
  tx: Transaction,
  { userId }: PersonCaller,
  threadId: string,
  seq: number | null,
): Promise<ReadState> {
  const state = await advanceMark(tx, userId, threadId, seq);
  if (!state) throw notFound();
  if (state.advanced_to !== null) {
    tx.record('thread.read', { thread_id: threadId, user_id: userId, seq: state.advanced_to });
  }
  return state;
}

async function assertThread(tx: Transaction, { userId }: PersonCaller, threadId: string): Promise<void> {
  if (!(await findHistory(tx, userId, threadId, { limit: 1 }))) throw notFound();
}

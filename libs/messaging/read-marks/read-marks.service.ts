import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { type PersonCaller } from '#identity';
import { Problem, invalidField, notFound } from '#problem';
import { findHistory } from '../messages/history.queries.js';
import { findMessage } from '../messages/messages.queries.js';
import { type ReadState, advanceMark, findReadAt } from './read-marks.queries.js';

/** Up to where a person has read each thread. */
@Injectable()
export class ReadMarksService {
  constructor(private readonly database: Database) {}

  /** Marks up to a message of the thread, or all of it. Runs with the organization-wide scope: see advanceMark. */
  readThread(caller: PersonCaller, threadId: string, upTo?: string): Promise<ReadState> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const message = upTo === undefined ? undefined : await findMessage(tx, caller.userId, upTo);
      if (upTo !== undefined && message?.thread_id !== threadId) {
        // A foreign thread and a foreign message get responses that reveal nothing else.
        await assertThread(tx, caller, threadId);
        throw invalidField('up_to', 'must be the id of a message in this thread');
      }
      return advance(tx, caller, threadId, message?.seq ?? null);
    });
  }

  /** Marks this message and earlier ones. The time of the first reading stays. */
  readMessage(caller: PersonCaller, id: string): Promise<{ read_at: Date | null }> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const message = await findMessage(tx, caller.userId, id);
      if (!message) throw notFound();
      if (message.sender_id === caller.userId) {
        throw new Problem(
          'not_recipient',
          'You sent this message yourself: only its recipients can mark it as read.',
        );
      }
      await advance(tx, caller, message.thread_id, message.seq);
      const read_at = await findReadAt(tx, caller.userId, message.thread_id, message.seq);
      // The person may have left and joined again meanwhile, and so no longer see it.
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

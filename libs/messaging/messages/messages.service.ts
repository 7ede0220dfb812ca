import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, type Transaction } from '#database';
import { type Caller, type PersonCaller, assertStillHolds } from '#identity';
import { Problem, notFound } from '#problem';
import { findHistory } from './history.queries.js';
import type { MessageView } from './message.view.js';
import {
  type FoundMessage,
  MAX_VERSIONS,
  type Version,
  type VersionPage,
  editContent,
  findMessage,
  findVersions,
  hide,
  retract,
  findAnyMessage,
} from './messages.queries.js';
import { lockThread } from '../participants/participants.queries.js';
import { assertStillReachable } from '../policy/contact-policy.js';
import { findPartnerFacts } from '../policy/contacts.queries.js';
import { findDeleteWindow } from '../policy/rules.queries.js';

const HOUR_MILLISECONDS = 3_600_000;

/** Changes of sent messages. */
@Injectable()
export class MessagesService {
  constructor(private readonly database: Database) {}

  /** An edit needs the same permission as a send: a person who may not write there may not edit either. */
  edit(caller: PersonCaller, id: string, content: string): Promise<MessageView> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const message = await visible(tx, caller, id);
      assertOwn(caller, message);
      if (message.deleted_at) throw new Problem('conflict', 'The message was deleted: send a new one.');
      if (message.left_at)
        throw new Problem('forbidden', 'You have left this thread: ask its owner to add you again.');
      if (message.kind === 'direct') {
        assertStillReachable(await findPartnerFacts(tx, caller, message.thread_id));
      }
      const outcome = await editContent(tx, id, content);
      if (outcome === 'too many edits') {
        throw new Problem('conflict', `A message can be edited ${MAX_VERSIONS} times: send a new one.`);
      }
      if (outcome === 'edited') tx.record('message.edited', eventOf(message));
      const page = { before: message.seq + 1, limit: 1 };
      const history = await findHistory(tx, caller.userId, message.thread_id, page);
      const edited = history?.messages.find((shown) => shown.id === id);
      // The person may have deleted it for themselves meanwhile.
      if (!edited) throw notFound();
      return edited;
    });
  }

  /** Earlier versions, oldest first. A deleted message has none. */
  versions(caller: PersonCaller, id: string, page: VersionPage): Promise<Version[]> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const message = await visible(tx, caller, id);
      return message.deleted_at ? [] : findVersions(tx, id, page, caller.userId);
    });
  }

  /**
   * Runs with the organization-wide scope, because the number of people who have deleted it is stored with a message
   * of somebody else.
   */
  async deleteForMe(caller: PersonCaller, id: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      const message = await visible(tx, caller, id);
      await hide(tx, caller.userId, message);
      tx.record('message.deleted', { ...eventOf(message), for: 'one', user_id: caller.userId });
    });
  }

  async deleteForEveryone(caller: PersonCaller, id: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      const message = await visible(tx, caller, id);
      assertOwn(caller, message);
      const hours = await findDeleteWindow(tx);
      if (Date.now() - message.created_at.getTime() > hours * HOUR_MILLISECONDS) {
        throw new Problem(
          'forbidden',
          `A message can be deleted for everyone within ${hours} hours only: delete it with the scope me.`,
        );
      }
      await retractOnce(tx, message);
    });
  }

  /** Deletes a message as a moderator, at any time. The reason is audited. */
  async moderate(caller: Caller, id: string, reason: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'messages:moderate');
      const message = await findAnyMessage(tx, id);
      if (!message) throw notFound();
      await retractOnce(tx, message);
      await audit(tx, caller, {
        action: 'message.moderate',
        targetType: 'message',
        targetId: id,
        reason,
        details: { thread_id: message.thread_id },
      });
    });
  }
}

type Place = Pick<FoundMessage, 'id' | 'thread_id' | 'seq' | 'deleted_at'>;

const eventOf = ({ id, thread_id, seq }: Place) => ({ thread_id, message_id: id, seq });

async function retractOnce(tx: Transaction, message: Place): Promise<void> {
  if (message.deleted_at) return;
  await lockThread(tx, message.thread_id);
  await retract(tx, message.thread_id, message.seq);
  tx.record('message.deleted', { ...eventOf(message), for: 'everyone' });
}

async function visible(tx: Transaction, { userId }: PersonCaller, id: string): Promise<FoundMessage> {
  const message = await findMessage(tx, userId, id);
  if (!message) throw notFound();
  return message;
}

function assertOwn({ userId }: PersonCaller, { sender_id }: FoundMessage): void {
  if (sender_id !== userId) throw new Problem('forbidden', 'Only the sender of the message can do this.');
}

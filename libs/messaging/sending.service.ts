import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Database, type Transaction, constraintOf } from '#database';
import type { PersonCaller } from '#identity';
import { Problem, invalidField, notFound } from '#problem';
import { findHistory } from './history.repository.js';
import type { MessageView } from './message.view.js';
import { findMessage } from './messages.repository.js';
import { openDirect } from './opening.repository.js';
import { assertReachable, findReach, findPartnerReach } from './reach.repository.js';
import { type Reach, refusalOf } from './reach.js';
import {
  type KnownToken,
  type MessageInput,
  type Participation,
  findByToken,
  findParticipation,
  hashOf,
  insertMessage,
} from './sending.repository.js';

export interface Sent {
  message: MessageView;
  /** It had been sent before, with the same client_token. */
  replayed: boolean;
}

@Injectable()
export class Sending {
  constructor(private readonly database: Database) {}

  /** To a person, in the direct thread with them, which is made if there is none. */
  toPerson(caller: PersonCaller, person: string, input: MessageInput): Promise<Sent> {
    return this.onceByToken(caller, async (tx) => {
      const [known, [recipient]] = await Promise.all([
        findByToken(tx, caller, input.client_token),
        findReach(tx, caller, [person]),
      ]);
      if (!recipient) throw notFound();
      if (recipient.userId === caller.userId) throw invalidField('recipient', 'must be somebody else');
      if (known) return replay(tx, caller, known, recipient.threadId, input);
      assertReachable(recipient);
      const threadId = recipient.threadId ?? (await this.open(tx, caller, recipient.userId));
      const names = { sender: recipient.ownUsername, recipient: recipient.username };
      return send(tx, caller, threadId, 'direct', input, names);
    });
  }

  toThread(caller: PersonCaller, threadId: string, input: MessageInput): Promise<Sent> {
    return this.onceByToken(caller, async (tx) => {
      const [mine, known, partner, repliedTo] = await Promise.all([
        findParticipation(tx, caller.userId, threadId),
        findByToken(tx, caller, input.client_token),
        findPartnerReach(tx, caller, threadId),
        input.reply_to_id === undefined ? undefined : findMessage(tx, caller.userId, input.reply_to_id),
      ]);
      if (!mine) throw notFound();
      if (known) return replay(tx, caller, known, threadId, input);
      if (mine.left_at) throw hasLeft();
      if (mine.kind === 'direct') assertStillReachable(partner);
      if (input.reply_to_id !== undefined && repliedTo?.thread_id !== threadId) {
        throw invalidField('reply_to_id', 'must be a message of this thread');
      }
      const names = { sender: mine.username, recipient: partner?.username ?? null };
      return send(tx, caller, threadId, mine.kind, input, names);
    });
  }

  /** Where two requests with one token race, the second finds out from the unique key, and then sees the first. */
  private async onceByToken(caller: PersonCaller, work: (tx: Transaction) => Promise<Sent>): Promise<Sent> {
    try {
      return await this.database.tenantTransaction(caller, work);
    } catch (error) {
      if (constraintOf(error) !== 'messages_client_token') throw error;
      return this.database.tenantTransaction(caller, work);
    }
  }

  private async open(tx: Transaction, caller: PersonCaller, otherId: string): Promise<string> {
    const { id, created } = await openDirect(tx, caller, otherId);
    if (created) {
      tx.record('thread.created', {
        thread_id: id,
        kind: 'direct',
        user_id: caller.userId,
        participant_ids: [caller.userId, otherId],
      });
    }
    return id;
  }
}

async function send(
  tx: Transaction,
  caller: PersonCaller,
  threadId: string,
  kind: Participation['kind'],
  input: MessageInput,
  names: Pick<MessageView, 'sender' | 'recipient'>,
): Promise<Sent> {
  const message = await insertMessage(tx, caller, threadId, input.id ?? uuid(), input, names);
  if (!message) throw kind === 'direct' ? new Problem('recipient_unavailable') : hasLeft();
  tx.record('message.sent', {
    thread_id: threadId,
    message_id: message.id,
    seq: message.seq,
    sender_id: caller.userId,
  });
  return { message, replayed: false };
}

const hasLeft = (): Problem => new Problem('forbidden', 'You have left this thread.');

async function replay(
  tx: Transaction,
  { userId }: PersonCaller,
  known: KnownToken,
  threadId: string | null,
  input: MessageInput,
): Promise<Sent> {
  if (known.thread_id !== threadId || !known.request_hash.equals(hashOf(input))) {
    throw new Problem('idempotency_mismatch', 'This client_token was used for another message.');
  }
  const history = await findHistory(tx, userId, threadId, { before: known.seq + 1, limit: 1 });
  const message = history?.messages.find(({ id }) => id === known.id);
  if (!message) throw new Problem('conflict', 'This message was sent before, and you no longer see it.');
  return { message, replayed: true };
}

/** In a thread that there is, somebody who is no longer here takes no messages; that is no reason for a 404. */
export function assertStillReachable(partner: Reach | undefined): void {
  const refusal = partner ? refusalOf(partner, new Date()) : 'not_found';
  if (refusal) throw new Problem(refusal === 'not_found' ? 'recipient_unavailable' : refusal);
}

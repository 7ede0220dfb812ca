import { v7 as uuid } from 'uuid';
import type { Transaction } from '#database';
import { Problem, invalidField, notFound } from '#problem';
import { findHistory } from '../messages/history.queries.js';
import type { MessageView } from '../messages/message.view.js';
import { type FoundMessage, findMessage } from '../messages/messages.queries.js';
import { type Participation, findParticipations } from '../participants/participants.queries.js';
import { assertReachable, assertStillReachable } from '../policy/contact-policy.js';
import { type Contact, findContacts } from '../policy/contacts.queries.js';
import { type KnownToken, type MessageInput, findByTokens, hashOf } from './send.queries.js';

/** A request to send a message: to a person, in the direct thread with them, or to a thread. */
export interface Send {
  senderId: string;
  /** The key of the service that sends on behalf of the sender. */
  apiKeyId?: string;
  to: { person: string } | { threadId: string };
  input: MessageInput;
}

export interface Sent {
  message: MessageView;
  /** Whether it had been sent before with the same client_token. */
  replayed: boolean;
  /** The number of other people in the thread. 0 for a replay. */
  recipients: number;
}

/** A send that is allowed, and its thread. */
export interface Draft extends Send {
  id: string;
  /** The index of the send in its batch. */
  at: number;
  kind: Participation['kind'];
  /** null if the direct thread with the recipient must be created. */
  threadId: string | null;
  recipientId?: string;
  /** Whether the thread was created for this batch. It is rolled back if the message is refused. */
  opens?: boolean;
  names: Pick<MessageView, 'sender' | 'recipient'>;
}

/** All facts in the database that decide about a send. */
export interface Facts {
  contact?: Contact;
  participation?: Participation;
  known?: KnownToken;
  repliedTo?: FoundMessage;
}

/** Looks up tokens first, so that later queries see the thread that an earlier send with the same token has created. */
export async function findSendFacts(tx: Transaction, sends: Send[]): Promise<Facts[]> {
  const [known, contacts, participations, repliedTo] = await Promise.all([
    findByTokens(tx, sends),
    findContacts(
      tx,
      'ofOrganization',
      sends.map(({ senderId, to }) => ({ askerId: senderId, ...to })),
    ),
    findParticipations(
      tx,
      sends.map(({ senderId, to }) => ({
        userId: senderId,
        threadId: 'threadId' in to ? to.threadId : undefined,
      })),
    ),
    Promise.all(
      sends.map(async ({ senderId, input: { reply_to_id } }) =>
        reply_to_id === undefined ? undefined : findMessage(tx, senderId, reply_to_id),
      ),
    ),
  ]);
  return sends.map((_, at) => ({
    contact: contacts[at],
    participation: participations[at],
    known: known[at],
    repliedTo: repliedTo[at],
  }));
}

/**
 * Decides whether a message may be sent. A repeated client_token returns its message, even if a rule now forbids it.
 */
export async function decideSend(
  tx: Transaction,
  send: Send,
  at: number,
  facts: Facts,
): Promise<Draft | Sent> {
  const place = 'person' in send.to ? toPerson(send, facts) : toThread(send, send.to.threadId, facts);
  if (facts.known) return replay(tx, send, facts.known, place.threadId);
  return { ...send, ...place, at, id: send.input.id ?? uuid() };
}

type Place = Omit<Draft, keyof Send | 'id' | 'at'>;

function toPerson({ senderId }: Send, { contact, known }: Facts): Place {
  if (!contact) throw notFound();
  if (contact.userId === senderId) throw invalidField('recipient', 'must be another person');
  if (!known) assertReachable(contact);
  const names = { sender: contact.ownUsername, recipient: contact.username };
  return { kind: 'direct', threadId: contact.threadId, recipientId: contact.userId, names };
}

function toThread(
  { input }: Send,
  threadId: string,
  { participation, contact, known, repliedTo }: Facts,
): Place {
  if (!participation) throw notFound();
  const place = {
    kind: participation.kind,
    threadId,
    names: { sender: participation.username, recipient: contact?.username ?? null },
  };
  if (known) return place;
  if (participation.left_at) throw hasLeft();
  if (participation.kind === 'direct') {
    assertStillReachable(contact);
    // The recipient was erased and is a member again: opening the thread adds them, without its earlier messages.
    if (contact!.threadId === null) return { ...place, threadId: null, recipientId: contact!.userId };
  }
  if (input.reply_to_id !== undefined && repliedTo?.thread_id !== threadId) {
    throw invalidField('reply_to_id', 'must be the id of a message in this thread');
  }
  return place;
}

export const hasLeft = (): Problem =>
  new Problem('forbidden', 'You have left this thread: ask its owner to add you again.');

export const tokenReused = (): Problem =>
  new Problem('idempotency_mismatch', 'This client_token was used with another message: use a new one.');

async function replay(
  tx: Transaction,
  { senderId, input }: Send,
  known: KnownToken,
  threadId: string | null,
): Promise<Sent> {
  if (known.thread_id !== threadId || !known.request_hash.equals(hashOf(input))) {
    throw tokenReused();
  }
  const history = await findHistory(tx, senderId, threadId, { before: known.seq + 1, limit: 1 });
  const message = history?.messages.find(({ id }) => id === known.id);
  if (!message)
    throw new Problem(
      'conflict',
      'This message was sent before, and you can no longer see it: use a new client_token to send another one.',
    );
  return { message, replayed: true, recipients: 0 };
}

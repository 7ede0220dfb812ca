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

/** What somebody wants to send: to a person, in the direct thread with them, or into a thread. */
export interface Send {
  senderId: string;
  /** Of the service that sends it on behalf of the sender. */
  apiKeyId?: string;
  to: { person: string } | { threadId: string };
  input: MessageInput;
}

export interface Sent {
  message: MessageView;
  /** It had been sent before, with the same client_token. */
  replayed: boolean;
  /** How many others are in the thread; none where it had been sent before. */
  recipients: number;
}

/** What may be sent, and where to. */
export interface Draft extends Send {
  id: string;
  /** Its place among the sends of the batch. */
  at: number;
  kind: Participation['kind'];
  /** Null where the direct thread with the recipient is still to be made. */
  threadId: string | null;
  recipientId?: string;
  /** The thread was made for it, and is there only if the message is. */
  opens?: boolean;
  names: Pick<MessageView, 'sender' | 'recipient'>;
}

/** What decides, as the database has it. */
export interface Facts {
  reach?: Contact;
  mine?: Participation;
  known?: KnownToken;
  repliedTo?: FoundMessage;
}

/** What was sent before is looked for first: the thread that it opened is then seen by what looks for that. */
export async function findSendFacts(tx: Transaction, sends: Send[]): Promise<Facts[]> {
  const [known, reaches, parts, repliedTo] = await Promise.all([
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
    reach: reaches[at],
    mine: parts[at],
    known: known[at],
    repliedTo: repliedTo[at],
  }));
}

/** What was sent before is answered as it was, whatever has changed since. */
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

function toPerson({ senderId }: Send, { reach, known }: Facts): Place {
  if (!reach) throw notFound();
  if (reach.userId === senderId) throw invalidField('recipient', 'must be another person');
  if (!known) assertReachable(reach);
  const names = { sender: reach.ownUsername, recipient: reach.username };
  return { kind: 'direct', threadId: reach.threadId, recipientId: reach.userId, names };
}

function toThread({ input }: Send, threadId: string, { mine, reach, known, repliedTo }: Facts): Place {
  if (!mine) throw notFound();
  const place = {
    kind: mine.kind,
    threadId,
    names: { sender: mine.username, recipient: reach?.username ?? null },
  };
  if (known) return place;
  if (mine.left_at) throw hasLeft();
  if (mine.kind === 'direct') {
    assertStillReachable(reach);
    // They were deleted and are a member again: to open the thread lets them in, from here on.
    if (reach!.threadId === null) return { ...place, threadId: null, recipientId: reach!.userId };
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

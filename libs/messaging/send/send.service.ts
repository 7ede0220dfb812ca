import { Injectable, Logger } from '@nestjs/common';
import { Database, type Transaction, awaitInOrder, constraintOf, isLockTimeout } from '#database';
import type { PersonCaller } from '#identity';
import { Problem } from '#problem';
import { type GetReady, openFreeThreads, openThreads } from './ready-drafts.js';
import { type Send, type Sent, decideSend, findSendFacts } from './send-policy.js';
import {
  type PreparedListener,
  type ReadyDraft,
  SendListener,
  SendListenerError,
  prepareListener,
  runListener,
} from './send-listener.js';
import { firstOfToken, outcomeOf, repeat, tokenOf } from './send-outcome.js';
import { type MessageInput, type Written, insertMessages } from './send.queries.js';

type SendBatch = (tx: Transaction, sends: Send[]) => Promise<(Sent | Problem)[]>;

interface SendOptions {
  getReady: GetReady;
  listener?: SendListener;
  /** Whether COMMIT may be sent together with the messages. */
  commits?: boolean;
}

@Injectable()
export class SendService {
  private readonly logger = new Logger('SendService');
  private readonly batched: (organizationId: string, send: Send) => Promise<Sent | Problem>;

  constructor(
    private readonly database: Database,
    private readonly listener: SendListener,
  ) {
    this.batched = database.batchedTransaction(batch({ listener, commits: true }), (error) => {
      if (error instanceof SendListenerError) {
        this.logger.warn(`${error.message}, retrying without it: the handlers of message.sent will notify`);
        return withoutListener;
      }
      return isLockTimeout(error) ? withoutWaiting : undefined;
    });
  }

  /** Sends to the direct thread with a person, and creates it if there is none. */
  toPerson(caller: PersonCaller, person: string, input: MessageInput): Promise<Sent> {
    return this.send(caller, { ...senderOf(caller), to: { person }, input });
  }

  toThread(caller: PersonCaller, threadId: string, input: MessageInput): Promise<Sent> {
    return this.send(caller, { ...senderOf(caller), to: { threadId }, input });
  }

  /**
   * If two requests with one client_token race, the unique key rejects the second, which then finds the first message.
   */
  private async send(caller: PersonCaller, send: Send): Promise<Sent> {
    try {
      return await this.once(caller, send);
    } catch (error) {
      if (constraintOf(error) !== 'messages_client_token') throw error;
      return this.once(caller, send);
    }
  }

  /**
   * A request with an Idempotency-Key gets its own transaction, because its result is stored in the same transaction.
   */
  private async once(caller: PersonCaller, send: Send): Promise<Sent> {
    if (!caller.idempotency) return orThrow(await this.batched(caller.organizationId, send));
    const alone = (how: SendBatch) =>
      this.database.organizationTransaction(caller, async (tx) => orThrow((await how(tx, [send]))[0]!));
    try {
      return await alone(batch({ listener: this.listener }));
    } catch (error) {
      if (!(error instanceof SendListenerError)) throw error;
      return alone(withoutListener);
    }
  }
}

const batch =
  (options: Partial<SendOptions> = {}): SendBatch =>
  (tx, sends) =>
    sendAll(tx, sends, { getReady: openThreads, ...options });

/** After the listener failed: the handlers of message.sent do its work. */
const withoutListener = batch();

/** After a lock timeout: if somebody else has locked the thread or sender, the send gets 503. */
const withoutWaiting = batch({ getReady: openFreeThreads });

/**
 * Sends one or many messages, also of different senders, in one transaction with the organization-wide scope. Each
 * statement handles all of them, and checks for each what the scope of its sender would show. A refused send fails no
 * other. Where possible, it takes two round trips: one reads with BEGIN, one writes with COMMIT.
 */
async function sendAll(
  tx: Transaction,
  sends: Send[],
  { getReady, listener, commits = false }: SendOptions,
): Promise<(Sent | Problem)[]> {
  const [facts, prepared] = await awaitInOrder([
    findSendFacts(tx, sends),
    listener && prepareListener(() => listener.prepare(tx, sends)),
  ]);
  const decided = await Promise.all(
    sends.map((one, at) => decideSend(tx, one, at, facts[at]!).catch(problemOf)),
  );
  const drafts = await getReady(
    tx,
    decided.filter((one) => 'input' in one),
  );
  const first = firstOfToken(drafts);
  const written = await write(tx, [...first.values()], prepared, commits);
  const outcomes = new Map(
    [...first.values()].map((draft) => [draft.id, outcomeOf(draft, written.get(draft.id))]),
  );
  const readyById = new Set(drafts.map(({ id }) => id));
  return decided.map((one) => {
    if (!('input' in one)) return one;
    if (!readyById.has(one.id)) return new Problem('unavailable');
    const original = first.get(tokenOf(one))!;
    const outcome = outcomes.get(original.id)!;
    return original.id === one.id ? outcome : repeat(one, original, outcome);
  });
}

/**
 * Writes the messages in one round trip, with COMMIT, unless a thread was created for one: it must be rolled back if
 * that message is refused. Events are recorded before that; their handlers find no message if it was refused.
 */
async function write(
  tx: Transaction,
  drafts: ReadyDraft[],
  listener: PreparedListener | undefined,
  commits: boolean,
): Promise<Map<string, Written>> {
  const notified = listener && (await prepareListener(() => listener(drafts)));
  for (const draft of drafts) if (!notified?.drafts.includes(draft)) recordSent(tx, draft);
  const [written] = await awaitInOrder([
    insertMessages(tx, drafts),
    notified && notified.drafts.length > 0 ? runListener(notified.write) : undefined,
    commits && drafts.length > 0 && !drafts.some(({ opens }) => opens) ? tx.commit() : undefined,
  ]);
  return new Map(written.map((one) => [one.id, one]));
}

const recordSent = (tx: Transaction, { threadId, id, senderId }: ReadyDraft): void =>
  tx.record('message.sent', { thread_id: threadId, message_id: id, sender_id: senderId });

const senderOf = ({ userId, keyId }: PersonCaller) => ({ senderId: userId, apiKeyId: keyId });

function orThrow(outcome: Sent | Problem): Sent {
  if (outcome instanceof Problem) throw outcome;
  return outcome;
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

import { type Transaction, awaitInOrder } from '#database';
import { sendsOf } from '#identity';
import { Problem } from '#problem';
import {
  type Draft,
  type Send,
  type Sent,
  decideSend,
  findSendFacts,
  hasLeft,
  tokenReused,
} from './send-policy.js';
import {
  type PreparedListener,
  type ReadyDraft,
  type SendListener,
  prepareListener,
  runListener,
} from './send-listener.js';
import { openDirect } from '../threads/open-thread.queries.js';
import { type Written, hashOf, insertMessages, lockFreeSenders, lockFreeThreads } from './send.queries.js';

/**
 * Sends one or many messages, also of different senders, in one transaction with the organization-wide scope. Each
 * statement handles all of them, and checks for each what the scope of its sender would show. A refused send fails no
 * other. Where possible, it takes two round trips: one reads with BEGIN, one writes with COMMIT.
 */
export const sendWith =
  (listener: SendListener, { commits = true } = {}): SendBatch =>
  (tx, sends) =>
    send(tx, sends, { ready: openAll, listener, commits });

type SendBatch = (tx: Transaction, sends: Send[]) => Promise<(Sent | Problem)[]>;

/** The same after the listener failed: the handlers of message.sent do its work. */
export const sendWithoutListener: SendBatch = (tx, sends) => send(tx, sends, { ready: openAll });

/** The same without waiting, after a lock timeout: if somebody else has locked the thread or sender, it is a 503. */
export const sendWithoutWaiting: SendBatch = (tx, sends) =>
  send(tx, sends, {
    ready: async (_tx, drafts) => {
      const senders = await lockFreeSenders(
        tx,
        drafts.map(({ senderId }) => senderId),
      );
      const bySenders = await openAll(
        tx,
        drafts.filter(({ senderId }) => senders.has(senderId)),
      );
      const threads = await lockFreeThreads(
        tx,
        bySenders.map(({ threadId }) => threadId),
      );
      return bySenders.filter(({ threadId }) => threads.has(threadId));
    },
  });

interface SendOptions {
  /** Returns the drafts that can be sent now, in threads that exist. */
  ready: (tx: Transaction, drafts: Draft[]) => Promise<ReadyDraft[]>;
  listener?: SendListener;
  /** Whether COMMIT may be sent together with the messages. */
  commits?: boolean;
}

async function send(
  tx: Transaction,
  sends: Send[],
  { ready, listener, commits = false }: SendOptions,
): Promise<(Sent | Problem)[]> {
  const [facts, prepared] = await awaitInOrder([
    findSendFacts(tx, sends),
    listener && prepareListener(() => listener.prepare(tx, sends)),
  ]);
  const decided = await Promise.all(
    sends.map((one, at) => decideSend(tx, one, at, facts[at]!).catch(problemOf)),
  );
  const drafts = await ready(
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

/** A client_token belongs to one sender. A message without one is identified by its id. */
const tokenOf = ({ id, senderId, input: { client_token } }: Draft): string =>
  client_token === undefined ? id : `${senderId} ${client_token}`;

const firstOfToken = (drafts: ReadyDraft[]): Map<string, ReadyDraft> => {
  const first = new Map<string, ReadyDraft>();
  for (const draft of drafts) if (!first.has(tokenOf(draft))) first.set(tokenOf(draft), draft);
  return first;
};

/** The result for a send whose client_token an earlier send of the batch has: its replay, or a 422. */
function repeat(draft: Draft, original: Draft, outcome: Sent | Problem): Sent | Problem {
  // Nothing was sent with this token, so the client must repeat this send, which is then decided alone.
  if (outcome instanceof Problem) return new Problem('unavailable');
  const isSame = draft.threadId === original.threadId && hashOf(draft.input).equals(hashOf(original.input));
  return isSame ? { ...outcome, replayed: true } : tokenReused();
}

/** If several need the same thread, the first opens it. */
async function openAll(tx: Transaction, drafts: Draft[]): Promise<ReadyDraft[]> {
  await openThreads(tx, drafts);
  return drafts as ReadyDraft[];
}

async function openThreads(tx: Transaction, drafts: Draft[]): Promise<void> {
  const missing = Map.groupBy(
    drafts.filter(({ threadId }) => threadId === null),
    ({ senderId, recipientId }) => [senderId, recipientId!].toSorted().join(' '),
  );
  if (missing.size === 0) return;
  const pairs = [...missing.values()].map(([first]) => ({
    userId: first!.senderId,
    otherId: first!.recipientId!,
  }));
  // The locks are taken in the order of a removal: senders first, then their member rows, which count their threads.
  const [, opened] = await Promise.all([
    tx.lockAllShared(drafts.map(({ senderId }) => sendsOf(senderId))),
    openDirect(tx, pairs),
  ]);
  for (const [at, of] of [...missing.values()].entries()) {
    const { id, created } = opened[at]!;
    for (const draft of of) Object.assign(draft, { threadId: id, opens: created });
    const { userId, otherId } = pairs[at]!;
    if (created) {
      tx.record('thread.created', {
        thread_id: id,
        kind: 'direct',
        user_id: userId,
        participant_ids: [userId, otherId],
      });
    }
  }
}

function outcomeOf(draft: ReadyDraft, written: Written | undefined): Sent | Problem {
  const { input, names, senderId, threadId } = draft;
  if (!written) return refuse(draft);
  const { recipients, ...row } = written;
  const message = {
    ...names,
    ...row,
    thread_id: threadId,
    sender_id: senderId,
    subject: input.subject ?? null,
    content: input.content,
    reply_to_id: input.reply_to_id ?? null,
    is_read: false,
    read_at: null,
    edited_at: null,
    deleted_at: null,
    receipts: [],
  };
  return { message, replayed: false, recipients };
}

/**
 * If a thread was created for the message, throws: this rolls the thread back, and the sends are retried one by one.
 */
function refuse({ kind, opens }: Draft): Problem {
  const problem = kind === 'direct' ? new Problem('recipient_unavailable') : hasLeft();
  if (opens) throw problem;
  return problem;
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

import type { Transaction } from '#database';
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
import { openDirect } from '../threads/open-thread.queries.js';
import { type Written, hashOf, insertMessages, lockFreeSenders, lockFreeThreads } from './send.queries.js';

/**
 * One or many, by different people, in one transaction with the sight of the organization: each statement does for
 * all what it does for one, and so asks about each what their own sight would show. Who is refused fails no other.
 */
export const sendBatch = (tx: Transaction, sends: Send[]): Promise<(Sent | Problem)[]> =>
  send(tx, sends, async (drafts) => {
    await openThreads(tx, drafts);
    return drafts;
  });

/** The same without waiting, after a lock timeout: whose thread, or sender, somebody else has locked, gets a 503. */
export const sendBatchWithoutWaiting = (tx: Transaction, sends: Send[]): Promise<(Sent | Problem)[]> =>
  send(tx, sends, async (drafts) => {
    const senders = await lockFreeSenders(
      tx,
      drafts.map(({ senderId }) => senderId),
    );
    const bySenders = drafts.filter(({ senderId }) => senders.has(senderId));
    await openThreads(tx, bySenders);
    const threads = await lockFreeThreads(
      tx,
      bySenders.map(({ threadId }) => threadId!),
    );
    return bySenders.filter(({ threadId }) => threads.has(threadId!));
  });

/** What is ready has a thread; the rest cannot be sent now. */
async function send(
  tx: Transaction,
  sends: Send[],
  ready: (drafts: Draft[]) => Promise<Draft[]>,
): Promise<(Sent | Problem)[]> {
  const facts = await findSendFacts(tx, sends);
  const decided = await Promise.all(sends.map((one, at) => decideSend(tx, one, facts[at]!).catch(problemOf)));
  const drafts = await ready(decided.filter((one) => 'input' in one));
  const first = firstOfToken(drafts);
  const written = await insertMessages(
    tx,
    [...first.values()].map((draft) => ({ ...draft, threadId: draft.threadId! })),
  );
  const writtenById = new Map(written.map((one) => [one.id, one]));
  const outcomes = new Map(
    [...first.values()].map((draft) => [draft.id, finish(tx, draft, writtenById.get(draft.id))]),
  );
  const readyById = new Set(drafts.map(({ id }) => id));
  return decided.map((one) => {
    if (!('input' in one)) return one;
    if (!readyById.has(one.id)) return new Problem('unavailable');
    const original = first.get(tokenOf(one))!;
    const outcome = outcomes.get(original.id)!;
    return original === one ? outcome : repeat(one, original, outcome);
  });
}

/** A client_token is one person's; a message without one stands for itself. */
const tokenOf = ({ id, senderId, input: { client_token } }: Draft): string =>
  client_token === undefined ? id : `${senderId} ${client_token}`;

const firstOfToken = (drafts: Draft[]): Map<string, Draft> => {
  const first = new Map<string, Draft>();
  for (const draft of drafts) if (!first.has(tokenOf(draft))) first.set(tokenOf(draft), draft);
  return first;
};

/** What has the token of another one that is sent with it: the same again, or something else. */
function repeat(draft: Draft, original: Draft, outcome: Sent | Problem): Sent | Problem {
  // Nothing was sent with this token: this one is to be decided on its own.
  if (outcome instanceof Problem) throw outcome;
  const isSame = draft.threadId === original.threadId && hashOf(draft.input).equals(hashOf(original.input));
  return isSame ? { ...outcome, replayed: true } : tokenReused();
}

/** Of several that need the same thread, the first opens it. */
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
  // In the order of a removal: what people send first, then their rows, which count their threads.
  const [, opened] = await Promise.all([
    tx.shareLocks(drafts.map(({ senderId }) => sendsOf(senderId))),
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

function finish(tx: Transaction, draft: Draft, written: Written | undefined): Sent | Problem {
  const { input, names, senderId } = draft;
  if (!written) return refuse(draft);
  const { recipients, ...row } = written;
  const threadId = draft.threadId!;
  tx.record('message.sent', {
    thread_id: threadId,
    message_id: written.id,
    seq: written.seq,
    sender_id: senderId,
  });
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

/** Thrown, it undoes what was done for it; those that it is gathered with are then sent alone. */
function refuse({ kind, opens }: Draft): Problem {
  const problem = kind === 'direct' ? new Problem('recipient_unavailable') : hasLeft();
  if (opens) throw problem;
  return problem;
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

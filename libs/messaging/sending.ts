import type { Transaction } from '#database';
import { Problem } from '#problem';
import { type Draft, type Send, type Sent, decide, findFacts, hasLeft } from './drafting.js';
import { openDirect } from './opening.repository.js';
import { type Written, insertMessages } from './sending.repository.js';

/**
 * One or many, by different people, in one transaction with the sight of the organization: each statement does for
 * all what it does for one, and so asks about each what their own sight would show. Who is refused fails no other.
 */
export async function sendAll(tx: Transaction, sends: Send[]): Promise<(Sent | Problem)[]> {
  const facts = await findFacts(tx, sends);
  const decided = await Promise.all(sends.map((send, at) => decide(tx, send, facts[at]!).catch(problemOf)));
  const drafts = decided.filter((one) => 'input' in one);
  await openThreads(tx, drafts);
  const written = await insertMessages(
    tx,
    drafts.map((draft) => ({ ...draft, threadId: draft.threadId! })),
  );
  const writtenById = new Map(written.map((one) => [one.id, one]));
  return decided.map((one) => ('input' in one ? finish(tx, one, writtenById.get(one.id)) : one));
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
  const opened = await openDirect(tx, pairs);
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

import type { Transaction } from '#database';
import { sendsOf } from '#identity';
import { openDirect } from '../threads/open-thread.queries.js';
import type { ReadyDraft } from './send-listener.js';
import type { Draft } from './send-policy.js';
import { lockFreeSenders, lockFreeThreads } from './send.queries.js';

/** Returns the drafts that can be sent now, in threads that exist. */
export type GetReady = (tx: Transaction, drafts: Draft[]) => Promise<ReadyDraft[]>;

/** Opens the missing threads. If several drafts need the same one, the first opens it. */
export const openThreads: GetReady = async (tx, drafts) => {
  await openMissing(tx, drafts);
  return drafts as ReadyDraft[];
};

/** Leaves out the drafts whose sender or thread is locked, so that the transaction waits for nobody. */
export const openFreeThreads: GetReady = async (tx, drafts) => {
  const senders = await lockFreeSenders(
    tx,
    drafts.map(({ senderId }) => senderId),
  );
  const bySenders = await openThreads(
    tx,
    drafts.filter(({ senderId }) => senders.has(senderId)),
  );
  const threads = await lockFreeThreads(
    tx,
    bySenders.map(({ threadId }) => threadId),
  );
  return bySenders.filter(({ threadId }) => threads.has(threadId));
};

async function openMissing(tx: Transaction, drafts: Draft[]): Promise<void> {
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

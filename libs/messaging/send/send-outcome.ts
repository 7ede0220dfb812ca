import { Problem } from '#problem';
import type { ReadyDraft } from './send-listener.js';
import { type Draft, type Sent, hasLeft, tokenReused } from './send-policy.js';
import { type Written, hashOf } from './send.queries.js';

/** A client_token belongs to one sender. A message without one is identified by its id. */
export const tokenOf = ({ id, senderId, input: { client_token } }: Draft): string =>
  client_token === undefined ? id : `${senderId} ${client_token}`;

export const firstOfToken = (drafts: ReadyDraft[]): Map<string, ReadyDraft> => {
  const first = new Map<string, ReadyDraft>();
  for (const draft of drafts) if (!first.has(tokenOf(draft))) first.set(tokenOf(draft), draft);
  return first;
};

/** The result for a send whose client_token an earlier send of the batch has: its replay, or a 422. */
export function repeat(draft: Draft, original: Draft, outcome: Sent | Problem): Sent | Problem {
  // Nothing was sent with this token, so the client must repeat this send, which is then decided alone.
  if (outcome instanceof Problem) return new Problem('unavailable');
  const isSame = draft.threadId === original.threadId && hashOf(draft.input).equals(hashOf(original.input));
  return isSame ? { ...outcome, replayed: true } : tokenReused();
}

export function outcomeOf(draft: ReadyDraft, written: Written | undefined): Sent | Problem {
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
    client_token: input.client_token ?? null,
    rev: 1,
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

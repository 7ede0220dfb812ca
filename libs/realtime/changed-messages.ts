import type { Transaction } from '#database';
import { type MessageView, findHistory } from '#messaging';

export interface MessagePlace {
  thread_id: string;
  seq: number;
}

/** Messages this close to each other are read as one page. */
const MAX_GAP = 20;

/** The messages, with the query of the history, so that it decides what the person sees of them. */
export async function findMessages(
  tx: Transaction,
  userId: string,
  places: MessagePlace[],
): Promise<MessageView[]> {
  const wanted = new Set(places.map(({ thread_id, seq }) => `${thread_id} ${seq}`));
  const byThread = Map.groupBy(places, ({ thread_id }) => thread_id);
  const pages = await Promise.all(
    [...byThread].flatMap(([threadId, some]) =>
      spansOf(some.map(({ seq }) => seq)).map(({ first, last }) =>
        findHistory(tx, userId, threadId, { before: last + 1, limit: last - first + 1 }),
      ),
    ),
  );
  return pages
    .flatMap((page) => page?.messages ?? [])
    .filter(({ thread_id, seq }) => wanted.has(`${thread_id} ${seq}`));
}

function spansOf(seqs: number[]): { first: number; last: number }[] {
  const spans: { first: number; last: number }[] = [];
  for (const seq of seqs.toSorted((one, other) => one - other)) {
    const span = spans.at(-1);
    if (span && seq - span.last <= MAX_GAP) span.last = seq;
    else spans.push({ first: seq, last: seq });
  }
  return spans;
}

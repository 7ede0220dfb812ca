import { invalidField } from '#problem';

/** Up to where a reader has read the log: everything that is visible in the snapshot. */
export interface Position {
  /** The PostgreSQL cluster and its timeline: in others, transactions have other numbers. */
  epoch: string;
  /** When the snapshot was taken, in seconds since 1970. */
  takenAt: number;
  /** A pg_snapshot: the first transaction that may be invisible, the first that surely is, and those between. */
  snapshot: string;
  /** The last seq of the person's feed, if the reader has read that too. */
  feedSeq?: number;
}

/** A header must stay short, and a snapshot names every transaction in progress. */
const MAX_IN_PROGRESS = 30;

export function encodeCursor({ epoch, takenAt, snapshot, feedSeq }: Position): string {
  return Buffer.from(JSON.stringify([epoch, takenAt, shorten(snapshot), feedSeq])).toString('base64url');
}

export function decodeCursor(cursor: string, field = 'cursor'): Position {
  try {
    const [epoch, takenAt, snapshot, feedSeq] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString(),
    ) as unknown[];
    if (typeof epoch === 'string' && isCount(takenAt) && isSnapshot(snapshot)) {
      return { epoch, takenAt, snapshot, feedSeq: isCount(feedSeq) ? feedSeq : undefined };
    }
  } catch {
    // Not one of ours.
  }
  throw invalidField(field, 'must be a cursor that this API returned');
}

/** Counts everything from the first transaction in progress as unread: it is read again, but nothing is skipped. */
function shorten(snapshot: string): string {
  const [oldest, , inProgress] = snapshot.split(':') as [string, string, string];
  return inProgress.split(',').length > MAX_IN_PROGRESS ? `${oldest}:${oldest}:` : snapshot;
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;

const MAX_ID = 2n ** 63n - 1n;

/** Whether PostgreSQL accepts it as a pg_snapshot: numbers in order, those in progress below the next one. */
function isSnapshot(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[1-9]\d{0,18}:[1-9]\d{0,18}:(\d{1,19}(,\d{1,19})*)?$/.test(value)) {
    return false;
  }
  const [oldest, next, ...inProgress] = value.split(/[:,]/).filter(Boolean).map(BigInt);
  const inOrder = [oldest!, ...inProgress, next!];
  return (
    next! <= MAX_ID &&
    inOrder.every((id, at) => at === 0 || id >= inOrder[at - 1]!) &&
    inProgress.every((id) => id < next!)
  );
}

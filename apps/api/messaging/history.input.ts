import type { History, InboxService } from '#messaging';
import { invalidField } from '#problem';
import { decodeCursor, encodeCursor } from '../http/list.js';
import type { HistoryRequest } from './message.requests.js';

type HistoryPage = Parameters<InboxService['conversation']>[2];

const AFTER = 'after ';

/** The page of messages that a request asks for. */
export function historyPageOf({ limit, cursor, after_seq, around_seq }: HistoryRequest): HistoryPage {
  const given = Object.entries({ cursor, after_seq, around_seq }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (given.length > 1) throw invalidField(given.at(-1)!, `cannot be combined with ${given[0]}`);
  if (cursor === undefined) return { limit, after: after_seq, around: around_seq };
  const position = decodeCursor(cursor, isPosition)!;
  return position.startsWith(AFTER)
    ? { limit, after: Number(position.slice(AFTER.length)) }
    : { limit, before: Number(position) };
}

/** The position of a page of newer messages has a word before its seq. */
const isPosition = (text: string): boolean => /^(after )?[1-9]\d{0,14}$/.test(text);

export function historyCursorOf(next: History['next']): string | null {
  if (!next) return null;
  return encodeCursor('after' in next ? `${AFTER}${next.after}` : String(next.before));
}

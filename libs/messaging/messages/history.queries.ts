import { notBlocked } from '#blocking';
import type { Transaction } from '#database';
import type { MessageView } from './message.view.js';
import { passedAt, readersOf, sharesReading } from './readers.queries.js';
import { notHidden, revWithoutText, shownText } from './visibility.queries.js';

/** At most one of before, after and around is set. Without them it is the page of the newest messages. */
export interface HistoryPage {
  limit: number;
  /** The newest messages before this seq. */
  before?: number;
  /** The oldest messages after this seq. */
  after?: number;
  /** Half of the messages before this seq, the others from there on. */
  around?: number;
}

export interface History {
  /** Oldest first. */
  messages: MessageView[];
  /** The next page: of newer messages if this one has those after a seq, otherwise of older ones. */
  next: { before: number } | { after: number } | null;
}

/**
 * How many messages a page examines. If most of them are hidden from the reader, the page is shorter than its limit,
 * and its cost does not grow with their number.
 */
const SPAN = 1000;

/** In larger threads no receipts are returned, because they would be most of the page. */
const RECEIPTS_UP_TO = 50;

/** One page of a thread as a participant sees it. Returns undefined for everybody else. */
export async function findHistory(
  tx: Transaction,
  userId: string,
  threadId: string,
  { before, after, around, limit }: HistoryPage,
): Promise<History | undefined> {
  const place = { tx, userId, threadId };
  if (after !== undefined) return findNewer(place, after, limit);
  if (around === undefined) return findOlder(place, before, limit);
  const half = Math.floor(limit / 2);
  const [older, newer] = await Promise.all([
    findOlder(place, around, half),
    findNewer(place, around - 1, limit - half),
  ]);
  return older && newer && { messages: [...older.messages, ...newer.messages], next: older.next };
}

interface Place {
  tx: Transaction;
  userId: string;
  threadId: string;
}

async function findOlder(
  place: Place,
  before: number | undefined,
  limit: number,
): Promise<History | undefined> {
  const found = await findRows(place, OLDER, before, limit);
  if (!found) return undefined;
  const { shown, isMore, span } = found;
  const hasOlder = span.lowest > span.joined_seq + 1;
  return {
    messages: shown.toReversed(),
    next: isMore ? { before: shown.at(-1)?.seq ?? span.above } : hasOlder ? { before: span.lowest } : null,
  };
}

async function findNewer(place: Place, after: number, limit: number): Promise<History | undefined> {
  const found = await findRows(place, NEWER, after, limit);
  if (!found) return undefined;
  const { shown, isMore, span } = found;
  const hasNewer = span.above <= span.newest_seq;
  return {
    messages: shown,
    next: isMore ? { after: shown.at(-1)!.seq } : hasNewer ? { after: span.above - 1 } : null,
  };
}

/** In the order of the query. One more than the limit is looked for. */
async function findRows(
  { tx, userId, threadId }: Place,
  query: string,
  seq: number | undefined,
  limit: number,
): Promise<{ shown: MessageView[]; isMore: boolean; span: HistoryRow } | undefined> {
  const rows = await tx.query<HistoryRow>(query, [tx.organizationId, threadId, userId, seq, limit + 1]);
  const [span] = rows;
  if (!span) return undefined;
  const found = rows.filter(({ id }) => id !== null);
  const shown = found.slice(0, limit).map((row) => toView(row, userId));
  return { shown, isMore: found.length > limit, span };
}

/** Without a message if there is none. */
type HistoryRow = Omit<MessageView, 'is_read'> & {
  joined_seq: number;
  newest_seq: number;
  /** Messages from lowest up to above, without above, were examined. */
  lowest: number;
  above: number;
  last_read_seq: number;
  read_by_all: boolean | null;
};

function toView(row: HistoryRow, userId: string): MessageView {
  const {
    joined_seq: _joined,
    newest_seq: _newest,
    lowest: _lowest,
    above: _above,
    last_read_seq,
    read_by_all,
    read_at,
    ...message
  } = row;
  const receipts = message.receipts ?? [];
  if (message.sender_id !== userId) {
    return { ...message, receipts, is_read: message.seq <= last_read_seq, read_at };
  }
  const last = read_by_all ? receipts.at(-1) : undefined;
  return {
    ...message,
    receipts,
    is_read: read_by_all ?? false,
    read_at: last?.read_at ? new Date(last.read_at) : null,
  };
}

/**
 * The reader was in the thread when the message was sent. If they joined again after the viewer left, their earlier
 * stay counts.
 */
const JOINED_BEFORE = '(readers.joined_seq < message.seq OR message.created_at >= readers.joined_then)';

const historyOf = (lowest: string, above: string, order: 'ASC' | 'DESC'): string => `
  WITH mine AS (
    SELECT mine.thread_id, mine.joined_seq, mine.last_read_seq, mine.read_marks_from, mine.left_at, threads.pair_low, threads.pair_high,
           coalesce(mine.left_count, threads.participant_count) AS participant_count,
           CASE WHEN mine.left_at IS NULL THEN threads.last_seq ELSE mine.newest_seq END AS newest_seq
    FROM participants AS mine JOIN threads ON threads.organization_id = $1 AND threads.id = mine.thread_id
    WHERE mine.organization_id = $1 AND mine.thread_id = $2 AND mine.user_id = $3 AND mine.hidden_at IS NULL
  ), span AS (
    SELECT mine.*, ${lowest} AS lowest, ${above} AS above FROM mine
  ), readers AS MATERIALIZED (
    SELECT reading.* FROM (${readersOf('span')}
    ) AS reading
    JOIN members ON ${sharesReading('members', 'reading')}
  )
  SELECT span.joined_seq, span.newest_seq, span.lowest, span.above, span.last_read_seq, message.id, message.thread_id, message.seq,
         message.sender_id, message.subject, text.content, message.reply_to_id, message.created_at,
         text.edited_at, message.deleted_at,
         coalesce(text.rev, ${revWithoutText('message')}) AS rev,
         CASE WHEN message.sender_id = $3 THEN message.client_token END AS client_token, sender.username AS sender, recipient.username AS recipient,
         CASE WHEN message.sender_id IS DISTINCT FROM $3 AND message.seq <= span.last_read_seq
           THEN (${passedAt('$3', 'message.seq', 'span.read_marks_from')}) END AS read_at,
         CASE WHEN message.sender_id = $3 THEN (
           SELECT bool_and(readers.last_read_seq >= message.seq) FROM readers
           WHERE readers.user_id <> $3 AND readers.is_in AND ${JOINED_BEFORE}
         ) END AS read_by_all,
         CASE WHEN span.participant_count <= ${RECEIPTS_UP_TO} THEN (
           SELECT json_agg(json_build_object('user_id', readers.user_id, 'read_at', passed.read_at)
                           ORDER BY passed.read_at NULLS FIRST, readers.user_id)
           FROM readers LEFT JOIN LATERAL (${passedAt('readers.user_id', 'message.seq', 'readers.read_marks_from')}) AS passed ON true
           WHERE readers.user_id IS DISTINCT FROM message.sender_id AND ${JOINED_BEFORE}
             AND readers.last_read_seq >= message.seq
             AND (passed.read_at IS NOT NULL OR message.seq <= readers.read_marks_from)
         ) END AS receipts
  FROM span
  LEFT JOIN LATERAL (
    SELECT candidate.* FROM messages AS candidate
    WHERE candidate.organization_id = $1 AND candidate.thread_id = $2
      AND candidate.seq >= span.lowest AND candidate.seq < span.above
      AND ${notHidden('candidate', '$3')} AND ${notBlocked('$3', 'candidate.sender_id')}
    ORDER BY candidate.seq ${order} LIMIT $5
  ) AS message ON true
  LEFT JOIN LATERAL (${shownText('message', 'span')}) AS text ON true
  LEFT JOIN members AS sender ON sender.organization_id = $1 AND sender.user_id = message.sender_id
  LEFT JOIN members AS recipient ON recipient.organization_id = $1
    AND recipient.user_id = CASE message.sender_id WHEN span.pair_low THEN span.pair_high
                                                   WHEN span.pair_high THEN span.pair_low END
  ORDER BY message.seq ${order}`;

const BEFORE = 'least($4::bigint, newest_seq + 1)';
const OLDER = historyOf(`greatest(${BEFORE} - ${SPAN}, joined_seq + 1)`, BEFORE, 'DESC');

const AFTER = 'greatest($4::bigint, joined_seq)';
const NEWER = historyOf(`${AFTER} + 1`, `least(${AFTER} + 1 + ${SPAN}, newest_seq + 1)`, 'ASC');

import { notBlocked } from '#blocking';
import { Parameters, type Transaction } from '#database';
import { markWhenLeft, notHidden, shownSubject, shownText, wasIn } from '../messages/visibility.queries.js';

/** A thread as one of its participants sees it. */
export interface ThreadView {
  id: string;
  kind: 'direct' | 'group';
  subject: string | null;
  context_type: string | null;
  context_id: string | null;
  context_label: string | null;
  participant_count: number;
  participants: { user_id: string; username: string; display_name: string; last_read_at: string | null }[];
  last_message: {
    id: string;
    seq: number;
    sender_id: string | null;
    preview: string | null;
    sent_at: string;
  } | null;
  /** The newest message, for people who have left that of when they left. They may not see it. */
  last_seq: number;
  /** Up to where this person has read. */
  last_read_seq: number;
  unread_count: number;
  muted_until: Date | null;
  archived: boolean;
  left: boolean;
  created_at: Date;
  updated_at: Date;
  last_message_at: Date | null;
  /** Where a list continues after this thread. */
  position: string;
}

/** Lists show only the first people, because a page of groups of a thousand would consist of names. */
const PEOPLE_IN_LIST = 20;

/** How many characters of a message its preview has, in lists of threads and in notifications. */
export const PREVIEW_LENGTH = 140;

/** How far back the last visible message is searched. See SPAN in history.queries.ts. */
const PREVIEW_SPAN = 1000;

/** Counted for people who left before left_count was stored. */
const COUNT_WHEN_LEFT = `coalesce(mine.left_count, (
  SELECT count(*)::integer FROM participants AS others
  WHERE others.organization_id = $1 AND others.thread_id = page.thread_id AND ${wasIn('others', 'mine')}))`;

/** The threads of the CTE "page" (thread_id, newest_seq, active_at) with everything that is shown of them. */
const viewOf = (page: string, people: number | null): string => `
  WITH page AS MATERIALIZED (${page})
  SELECT threads.id, threads.kind,
         CASE WHEN threads.subject_version = 0 THEN threads.subject ELSE shown.subject END AS subject,
         threads.context_type, threads.context_id, threads.context_label,
         CASE WHEN mine.left_at IS NULL THEN threads.participant_count ELSE ${COUNT_WHEN_LEFT} END AS participant_count,
         people.participants, last.message AS last_message, page.newest_seq AS last_seq, mine.last_read_seq,
         page.newest_seq - mine.settled AS unread_count, mine.muted_until,
         mine.archived_at IS NOT NULL AS archived, mine.left_at IS NOT NULL AS left, threads.created_at,
         CASE WHEN mine.left_at IS NULL THEN greatest(threads.updated_at, page.active_at, shown.changed_at)
              ELSE greatest(page.active_at, mine.left_at) END AS updated_at,
         CASE WHEN page.newest_seq > 0 THEN page.active_at END AS last_message_at,
         to_char(page.active_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || page.thread_id AS position
  FROM page
  JOIN threads ON threads.organization_id = $1 AND threads.id = page.thread_id
  JOIN participants AS mine
    ON mine.organization_id = $1 AND mine.thread_id = page.thread_id AND mine.user_id = $2
  LEFT JOIN LATERAL (${shownSubject('threads', 'mine', '$2')}) AS shown ON true
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('user_id', other.user_id, 'username', members.username,
                    'display_name', members.display_name, 'last_read_at',
                    CASE WHEN members.share_read_receipts OR members.user_id = $2 THEN other.last_read_at END)
                    ORDER BY other.user_id) AS participants
    FROM (
      SELECT others.user_id,
             CASE WHEN mine.left_at IS NULL OR others.user_id = $2 THEN others.last_read_at
                  ELSE ${markWhenLeft('read_at', 'others.user_id', 'mine')} END AS last_read_at
      FROM participants AS others
      WHERE others.organization_id = $1 AND others.thread_id = page.thread_id AND ${wasIn('others', 'mine')}
      ORDER BY others.user_id ${people === null ? '' : `LIMIT ${people}`}
    ) AS other
    JOIN members ON members.organization_id = $1 AND members.user_id = other.user_id
  ) AS people
  LEFT JOIN LATERAL (
    SELECT json_build_object('id', message.id, 'seq', message.seq, 'sender_id', message.sender_id,
             'sent_at', message.created_at,
             'preview', CASE WHEN message.deleted_at IS NULL THEN left(text.content, ${PREVIEW_LENGTH}) END)
           AS message
    FROM messages AS message
    LEFT JOIN LATERAL (${shownText('message', 'mine')}) AS text ON true
    WHERE message.organization_id = $1 AND message.thread_id = page.thread_id
      AND message.seq <= page.newest_seq
      AND message.seq > greatest(mine.joined_seq, page.newest_seq - ${PREVIEW_SPAN})
      AND ${notHidden('message', '$2')} AND ${notBlocked('$2', 'message.sender_id')}
    ORDER BY message.seq DESC LIMIT 1
  ) AS last ON true
  ORDER BY page.active_at DESC, page.thread_id DESC`;

const seen = (condition: string): string => `
  SELECT mine.thread_id, coalesce(mine.newest_seq, threads.last_seq) AS newest_seq,
         coalesce(mine.active_at, threads.last_message_at, threads.created_at) AS active_at
  FROM participants AS mine JOIN threads ON threads.organization_id = $1 AND threads.id = mine.thread_id
  WHERE mine.organization_id = $1 AND mine.user_id = $2 AND ${condition} AND mine.hidden_at IS NULL`;

const VIEW_OF_ONE = viewOf(seen('mine.thread_id = $3'), null);

const VIEW_OF_SOME = viewOf(
  `${seen('mine.thread_id = ANY ($3)')} AND ${notBlocked('$2', 'mine.partner_id')}`,
  PEOPLE_IN_LIST,
);

/** Those of the threads that the person sees in lists. */
export const findThreads = (tx: Transaction, userId: string, threadIds: string[]): Promise<ThreadView[]> =>
  tx.query<ThreadView>(VIEW_OF_SOME, [tx.organizationId, userId, threadIds]);

export async function findThread(
  tx: Transaction,
  userId: string,
  threadId: string,
): Promise<ThreadView | undefined> {
  const [view] = await tx.query<ThreadView>(VIEW_OF_ONE, [tx.organizationId, userId, threadId]);
  return view;
}

export interface ThreadList {
  limit: number;
  /** Where the previous page ended. */
  after?: { activeAt: string; threadId: string };
  unreadOnly?: boolean;
  archived?: boolean;
  contextType?: string;
  contextId?: string;
}

/** Newest activity first. */
export function listThreads(tx: Transaction, userId: string, list: ThreadList): Promise<ThreadView[]> {
  const parameters = new Parameters(tx.organizationId, userId, list.limit);
  return tx.query<ThreadView>(viewOf(pageOf(list, parameters), PEOPLE_IN_LIST), parameters.values);
}

/**
 * Direct threads, and groups that the person has left, come in order from the index. Current groups are ordered by
 * values of their threads. So the cost of a page does not depend on the number of direct threads.
 */
function pageOf(list: ThreadList, parameters: Parameters): string {
  const { after, contextType, contextId } = list;
  const bound =
    after && `(${parameters.add(after.activeAt)}::timestamptz, ${parameters.add(after.threadId)}::uuid)`;
  const both = [
    'mine.organization_id = $1 AND mine.user_id = $2',
    ...(list.archived === undefined ? [] : [`mine.archived_at IS ${list.archived ? 'NOT NULL' : 'NULL'}`]),
    ...parameters.optional('threads.context_type =', contextType),
    ...parameters.optional('threads.context_id =', contextId),
  ];
  const thread = 'JOIN threads ON threads.organization_id = $1 AND threads.id = mine.thread_id';
  const inOrder = 'ORDER BY active_at DESC, thread_id DESC LIMIT $3';
  const kept = [
    ...both,
    'mine.active_at IS NOT NULL AND mine.hidden_at IS NULL',
    notBlocked('$2', 'mine.partner_id'),
    ...(list.unreadOnly ? ['mine.newest_seq > mine.settled'] : []),
    ...(bound ? [`(mine.active_at, mine.thread_id) < ${bound}`] : []),
  ];
  const activity = 'coalesce(threads.last_message_at, threads.created_at)';
  const groups = [
    ...both,
    'mine.active_at IS NULL',
    ...(list.unreadOnly ? ['threads.last_seq > mine.settled'] : []),
    ...(bound ? [`(${activity}, mine.thread_id) < ${bound}`] : []),
  ];
  return `
    SELECT either.* FROM (
      (SELECT mine.thread_id, mine.newest_seq, mine.active_at
       FROM participants AS mine ${contextType === undefined ? '' : thread}
       WHERE ${kept.join(' AND ')} ${inOrder})
      UNION ALL
      (SELECT mine.thread_id, threads.last_seq, ${activity} AS active_at
       FROM participants AS mine
       CROSS JOIN LATERAL (
         SELECT threads.* FROM threads WHERE organization_id = $1 AND id = mine.thread_id OFFSET 0
       ) AS threads
       WHERE ${groups.join(' AND ')} ${inOrder})
    ) AS either ${inOrder}`;
}

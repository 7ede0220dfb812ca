import { notBlocked } from '#blocking';
import { Parameters, type Transaction } from '#database';
import type { Notification } from './entities.js';
import { type Status, WITH_STATUS } from './status.js';

export type NotificationRow = Omit<
  Notification,
  'organization_id' | 'source_id' | 'message_seq' | 'suppressed_at' | 'deleted_at'
> & {
  /** The number of unread notifications it stands for, in a grouped feed. */
  count?: number;
};

export const OWN = 'organization_id = $1 AND user_id = $2';

/** Hides notifications about people who are blocked now. */
export const visibleTo = (person: string): string =>
  `(expires_at IS NULL OR expires_at > now()) AND ${notBlocked(person, 'actor_id')}`;

export const NOT_BLOCKED = notBlocked('$2', 'actor_id');
export const VISIBLE = visibleTo('$2');

/** Includes notifications that the feed does not show. */
const RECORDED = `${OWN} AND deleted_at IS NULL AND ${VISIBLE}`;
export const SHOWN = `${RECORDED} AND suppressed_at IS NULL`;

/** Columns are named, because a prepared statement must not return more once a migration has added a column. */
export const SHOWN_COLUMNS = `user_id, seq, id, type, title, body, data, action_url, priority, actor_id, aggregation_id,
  decisions, delivered_via_ws_at, delivered_via_email_at, read_at, archived_at, created_at, expires_at`;

export const findNotification = (tx: Transaction, userId: string, id: string) => find(tx, userId, id, SHOWN);

/** Includes suppressed notifications, so that they can be explained. */
export const findRecorded = (tx: Transaction, userId: string, id: string) => find(tx, userId, id, RECORDED);

async function find(
  tx: Transaction,
  userId: string,
  id: string,
  condition: string,
): Promise<NotificationRow | undefined> {
  const [notification] = await tx.query<NotificationRow>(
    `SELECT ${SHOWN_COLUMNS} FROM notifications WHERE ${condition} AND id = $3`,
    [tx.organizationId, userId, id],
  );
  return notification;
}

/** Archiving counts as reading. */
const CHANGES: Record<Status, string> = {
  unread: 'read_at = NULL, archived_at = NULL',
  read: 'read_at = coalesce(read_at, now()), archived_at = NULL',
  archived: 'read_at = coalesce(read_at, now()), archived_at = coalesce(archived_at, now())',
};

export async function changeStatus(
  tx: Transaction,
  userId: string,
  id: string,
  status: Status,
): Promise<NotificationRow | undefined> {
  const [changed] = await tx.query<NotificationRow>(
    `UPDATE notifications SET ${CHANGES[status]} WHERE ${SHOWN} AND id = $3 RETURNING ${SHOWN_COLUMNS}`,
    [tx.organizationId, userId, id],
  );
  return changed;
}

export async function deleteNotification(tx: Transaction, userId: string, id: string): Promise<boolean> {
  const deleted = await tx.query(
    `UPDATE notifications SET deleted_at = now() WHERE ${SHOWN} AND id = $3 RETURNING true`,
    [tx.organizationId, userId, id],
  );
  return deleted.length > 0;
}

export interface Unread {
  type?: string;
  /** The seq of the newest notification to mark. Later ones stay unread. */
  upTo?: number;
}

/** Notifications per transaction. 1,000 took a request up to 120 ms of processor time. */
const MARKED_AT_ONCE = 500;

/** Marks the newest of these as read. Returns their number, and the seq of the newest of the rest, if there is one. */
export async function markNewestRead(
  tx: Transaction,
  userId: string,
  unread: Unread,
): Promise<{ marked: number; rest?: number }> {
  const rest = await newestOfRest(tx, userId, unread);
  const parameters = new Parameters(tx.organizationId, userId);
  const marked = await tx.query(
    `UPDATE notifications SET read_at = now()
     WHERE ${[isUnread(unread, parameters), ...parameters.optional('seq >', rest)].join(' AND ')} RETURNING true`,
    parameters.values,
  );
  return { marked: marked.length, rest };
}

async function newestOfRest(tx: Transaction, userId: string, unread: Unread): Promise<number | undefined> {
  const parameters = new Parameters(tx.organizationId, userId);
  const [newest] = await tx.query<{ seq: number }>(
    `SELECT seq FROM notifications WHERE ${isUnread(unread, parameters)}
     ORDER BY seq DESC LIMIT 1 OFFSET ${MARKED_AT_ONCE}`,
    parameters.values,
  );
  return newest?.seq;
}

const isUnread = ({ type, upTo }: Unread, parameters: Parameters): string =>
  [
    OWN,
    WITH_STATUS.unread,
    VISIBLE,
    ...parameters.optional('type =', type),
    ...parameters.optional('seq <=', upTo),
  ].join(' AND ');

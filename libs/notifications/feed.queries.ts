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

interface Unread {
  type?: string;
  after: number;
  /** The seq of the newest notification that the person has seen. Later ones stay unread. */
  upTo?: number;
}

/** Marks unread notifications as read, in short statements, however many there are. */
export async function readAll(
  tx: Transaction,
  userId: string,
  unread: Omit<Unread, 'after'>,
): Promise<number> {
  let updated = 0;
  for (let after = 0; ;) {
    const end = await endOfBatch(tx, userId, { ...unread, after });
    updated += await markRead(tx, userId, { ...unread, after, ...(end !== undefined && { upTo: end }) });
    if (end === undefined) return updated;
    after = end;
  }
}

const READ_AT_ONCE = 10_000;

/** The last seq that fits into a batch. undefined if all do. */
async function endOfBatch(tx: Transaction, userId: string, unread: Unread): Promise<number | undefined> {
  const parameters = new Parameters(tx.organizationId, userId);
  const [last] = await tx.query<{ seq: number }>(
    `SELECT seq FROM notifications WHERE ${isUnread(unread, parameters)}
     ORDER BY seq LIMIT 1 OFFSET ${READ_AT_ONCE - 1}`,
    parameters.values,
  );
  return last?.seq;
}

async function markRead(tx: Transaction, userId: string, unread: Unread): Promise<number> {
  const parameters = new Parameters(tx.organizationId, userId);
  const updated = await tx.query(
    `UPDATE notifications SET read_at = now() WHERE ${isUnread(unread, parameters)} RETURNING true`,
    parameters.values,
  );
  return updated.length;
}

const isUnread = ({ type, after, upTo }: Unread, parameters: Parameters): string =>
  [
    OWN,
    WITH_STATUS.unread,
    VISIBLE,
    `seq > ${parameters.add(after)}`,
    ...parameters.optional('type =', type),
    ...parameters.optional('seq <=', upTo),
  ].join(' AND ');

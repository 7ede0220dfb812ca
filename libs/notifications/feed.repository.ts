import type { Transaction } from '#database';
import type { Notification } from './entities.js';

export const STATUSES = ['unread', 'read', 'archived'] as const;
export type Status = (typeof STATUSES)[number];

export type NotificationRow = Omit<
  Notification,
  'organization_id' | 'source_id' | 'message_seq' | 'suppressed_at' | 'deleted_at'
> & {
  /** How many unread ones it stands for, where the feed is grouped. */
  count?: number;
};

export interface FeedList {
  status?: Status;
  type?: string;
  since?: Date;
  grouped?: boolean;
  /** The seq that the page before ended with. */
  before?: number;
  limit: number;
}

/** What the feed shows at all; of somebody who is blocked now, nothing. */
const SHOWN = `
  organization_id = $1 AND user_id = $2 AND deleted_at IS NULL AND suppressed_at IS NULL
  AND (expires_at IS NULL OR expires_at > now())
  AND (actor_id IS NULL OR actor_id NOT IN (
    SELECT blocked_id FROM blocks WHERE blocks.organization_id = $1 AND blocks.blocker_id = $2))`;

/** Named, since a prepared statement must not answer more once a migration has added a column. */
const SHOWN_COLUMNS = `user_id, seq, id, type, title, body, data, action_url, priority, actor_id, aggregation_id,
  decisions, delivered_via_ws_at, delivered_via_email_at, read_at, archived_at, created_at, expires_at`;

const UNREAD = 'read_at IS NULL AND archived_at IS NULL';

/** Archived ones are shown where they are asked for. */
const BY_STATUS: Record<Status | 'all', string> = {
  all: 'archived_at IS NULL',
  unread: UNREAD,
  read: 'read_at IS NOT NULL AND archived_at IS NULL',
  archived: 'archived_at IS NOT NULL',
};

/** Newest first. Only what is asked for is in the statement: it is planned once, for whatever values come. */
export function listFeed(
  tx: Transaction,
  userId: string,
  { status = 'all' as Status, type, since, grouped, before, limit }: FeedList,
): Promise<NotificationRow[]> {
  const values: unknown[] = [tx.organizationId, userId, limit];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    SHOWN,
    BY_STATUS[status],
    ...(type === undefined ? [] : [`type = ${parameter(type)}`]),
    ...(since === undefined ? [] : [`created_at >= ${parameter(since)}`]),
    ...(before === undefined ? [] : [`seq < ${parameter(before)}`]),
    ...(grouped ? [`NOT (${UNREAD} AND EXISTS (${newerOfGroup}))`] : []),
  ];
  return tx.query<NotificationRow>(
    `SELECT ${SHOWN_COLUMNS}${grouped ? `, CASE WHEN ${UNREAD} THEN (${sizeOfGroup}) ELSE 1 END AS count` : ''}
     FROM notifications AS feed WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT $3`,
    values,
  );
}

const group = `
  FROM notifications AS other
  WHERE other.organization_id = $1 AND other.user_id = $2 AND other.aggregation_id = feed.aggregation_id
    AND other.read_at IS NULL AND other.archived_at IS NULL AND other.deleted_at IS NULL
    AND other.suppressed_at IS NULL AND (other.expires_at IS NULL OR other.expires_at > now())`;

const newerOfGroup = `SELECT ${group} AND other.seq > feed.seq`;
const sizeOfGroup = `SELECT greatest(count(*), 1) ${group}`;

export interface FeedCount {
  unread_count: number;
  by_type: Record<string, number>;
}

export async function countFeed(tx: Transaction, userId: string): Promise<FeedCount> {
  const types = await tx.query<{ type: string; count: number }>(
    `SELECT type, count(*) AS count FROM notifications WHERE ${SHOWN} AND ${UNREAD} GROUP BY type ORDER BY type`,
    [tx.organizationId, userId],
  );
  return {
    unread_count: types.reduce((sum, { count }) => sum + count, 0),
    by_type: Object.fromEntries(types.map(({ type, count }) => [type, count])),
  };
}

export async function findNotification(
  tx: Transaction,
  userId: string,
  id: string,
): Promise<NotificationRow | undefined> {
  const [notification] = await tx.query<NotificationRow>(
    `SELECT ${SHOWN_COLUMNS} FROM notifications WHERE ${SHOWN} AND id = $3`,
    [tx.organizationId, userId, id],
  );
  return notification;
}

/** To archive is to be done with it, so it counts as read. */
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

/** Up to and including a seq, which is that of something the person has seen: what came later stays unread. */
export async function readAll(
  tx: Transaction,
  userId: string,
  { type, upTo }: { type?: string; upTo?: number },
): Promise<number> {
  const values: unknown[] = [tx.organizationId, userId];
  const conditions = [
    SHOWN,
    UNREAD,
    ...(type === undefined ? [] : [`type = $${values.push(type)}`]),
    ...(upTo === undefined ? [] : [`seq <= $${values.push(upTo)}`]),
  ];
  const updated = await tx.query(
    `UPDATE notifications SET read_at = now() WHERE ${conditions.join(' AND ')} RETURNING true`,
    values,
  );
  return updated.length;
}

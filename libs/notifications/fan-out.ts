import { v5 as uuidOf } from 'uuid';
import type { Transaction } from '#database';
import { findPreferences } from '#preferences';
import { type RequestRow, advanceRequest, findRequest, nextOfAudience } from './requests.queries.js';
import { createNotifications } from './create-notifications.js';
import type { FeedSignal } from './feed-signal.js';

/**
 * Notifies the next part of a request's audience, and stores the progress in the same transaction, so an interrupted
 * fan-out continues from there. Returns false if nobody is left.
 */
export async function fanOutBatch(
  tx: Transaction,
  feeds: FeedSignal,
  requestId: string,
  chunk: number,
  notificationId?: string,
): Promise<boolean> {
  const request = await findRequest(tx, requestId, { lock: true });
  if (!request || request.status === 'sent' || request.status === 'retracted') return false;
  const [userIds, window] = await Promise.all([nextOfAudience(tx, request, chunk), windowOf(tx, request)]);
  const people = userIds.map((userId) => ({
    id: notificationId,
    userId,
    mutedUntil: null,
    isRead: false,
    aggregationId: aggregationOf(request, userId, window),
  }));
  const notified = await createNotifications(tx, feeds, request.content.type, [
    { ...draftOf(request), people },
  ]);
  const isLast = userIds.length < chunk;
  await advanceRequest(tx, requestId, { expandedTo: userIds.at(-1) ?? null, notified, isLast });
  return !isLast;
}

const draftOf = ({ id, content }: RequestRow) => ({
  sourceId: id,
  title: content.title,
  body: content.body,
  data: content.data,
  actionUrl: content.actionUrl,
  priority: content.priority,
  expiresAt: content.expiresAt === undefined ? undefined : new Date(content.expiresAt),
});

const aggregationOf = (
  { organization_id, content }: RequestRow,
  userId: string,
  window: string,
): string | null =>
  content.groupKey === undefined
    ? null
    : uuidOf([userId, content.type, window, content.groupKey].join(' '), organization_id);

/** Notifications with one group_key are grouped within the aggregation window of their type. */
async function windowOf(tx: Transaction, { content, created_at }: RequestRow): Promise<string> {
  if (content.groupKey === undefined) return '';
  const preferences = await findPreferences(tx, [], content.type);
  const seconds = preferences?.type.aggregation_window_seconds ?? 0;
  return seconds === 0 ? '' : String(Math.floor(created_at.getTime() / 1000 / seconds));
}

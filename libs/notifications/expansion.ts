import { v5 as uuidOf } from 'uuid';
import type { Transaction } from '#database';
import { type RequestRow, advanceRequest, findRequest, nextOfAudience } from './requests.repository.js';
import { tell } from './telling.js';

/**
 * Tells the next of a request's audience, and keeps how far that has come in the same transaction: cut off at any
 * moment, it goes on from there. False where nobody is left.
 */
export async function expand(
  tx: Transaction,
  requestId: string,
  chunk: number,
  notificationId?: string,
): Promise<boolean> {
  const request = await findRequest(tx, requestId, 'FOR UPDATE');
  if (!request || request.status === 'sent' || request.status === 'retracted') return false;
  const userIds = await nextOfAudience(tx, request, chunk);
  const notified = await tell(
    tx,
    tellingOf(request),
    userIds.map((userId) => ({
      id: notificationId,
      userId,
      mutedUntil: null,
      isRead: false,
      aggregationId: aggregationOf(request, userId),
    })),
  );
  const isLast = userIds.length < chunk;
  await advanceRequest(tx, requestId, { expandedTo: userIds.at(-1) ?? null, notified, isLast });
  return !isLast;
}

const tellingOf = ({ id, content }: RequestRow) => ({
  sourceId: id,
  type: content.type,
  title: content.title,
  body: content.body,
  data: content.data,
  actionUrl: content.actionUrl,
  priority: content.priority,
  expiresAt: content.expiresAt === undefined ? undefined : new Date(content.expiresAt),
});

const aggregationOf = ({ organization_id, content }: RequestRow, userId: string): string | null =>
  content.groupKey === undefined
    ? null
    : uuidOf(`${userId} ${content.type} ${content.groupKey}`, organization_id);

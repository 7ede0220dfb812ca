/**
 * The event map: each type of event that the outbox can contain, with its payload. Payloads are ids and plain values,
 * because a handler may run long after the rows have changed.
 */
export interface EventMap {
  'member.joined': { user_id: string };
  'member.removed': { user_id: string };
  /** A removed member must leave the next groups. */
  'member.leaving': { user_id: string };
  /**
   * The platform deletes this person: member.erasing follows in each of their organizations, one event per chunk of
   * rows.
   */
  'user.deleting': { user_id: string };
  'member.erasing': { user_id: string; key_id: string | null; request_id: string };
  'member.erased': { user_id: string };
  'thread.created': {
    thread_id: string;
    kind: 'direct' | 'group';
    user_id: string;
    participant_ids: string[];
  };
  'thread.read': { thread_id: string; user_id: string; seq: number };
  /** added_by is null if a service moderates. */
  'participant.joined': { thread_id: string; user_id: string; added_by: string | null };
  'participant.left': { thread_id: string; user_id: string; removed_by: string | null };
  /** Only where its recipients are not notified in the transaction that sends it: there are too many, or that failed. */
  'message.sent': { thread_id: string; message_id: string; sender_id: string };
  'message.edited': MessageEvent;
  /** For everyone, or for the one person who no longer sees it. */
  'message.deleted': (MessageEvent & { for: 'everyone' }) | (MessageEvent & { for: 'one'; user_id: string });
  /** The next part of a request's audience must be notified, or all its notifications must be retracted. */
  'notification.requested': { request_id: string };
  'notification.retracted': { request_id: string };
  /** The unread notifications of a person up to a seq, of one type or of all, must be marked as read, newest first. */
  'notifications.reading': { user_id: string; type: string | null; up_to: number };
  /** `count` people were notified, whose ids lie between the first and the last. */
  'notification.created': { source_id: string; first_user_id: string; last_user_id: string; count: number };
  /** An admin retries the delivery. */
  'delivery.requested': { delivery_id: string };
  /** The endpoint gets no more deliveries, because it answered 410 or has failed for days. */
  'webhook.disabled': { webhook_id: string; origin: string; cause: 'gone' | 'failing' };
  /**
   * A pause or quiet hours changed: of one person, in this organization or in all of theirs, or of an organization
   * (user_id null), whose people are handled in parts.
   */
  'preferences.changed': {
    user_id: string | null;
    everywhere?: boolean;
    after?: { user_id: string; delivery_id: string };
  };
  'user.blocked': BlockEvent;
  'user.unblocked': BlockEvent;
}

interface MessageEvent {
  thread_id: string;
  message_id: string;
  seq: number;
}

interface BlockEvent {
  blocker_id: string;
  blocked_id: string;
}

export type EventType = keyof EventMap;

/**
 * The event map: every fact that the outbox can carry, with what it says. Payloads are ids and plain values,
 * since a handler may run long after the rows have changed.
 */
export interface EventMap {
  'member.joined': { user_id: string };
  'member.removed': { user_id: string };
  /** The platform deletes this person: from here on in each of their organizations, a chunk of rows an event. */
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
  /** By a person; null where a service moderates. */
  'participant.joined': { thread_id: string; user_id: string; added_by: string | null };
  'participant.left': { thread_id: string; user_id: string; removed_by: string | null };
  /** Only where its recipients are not notified in the transaction that sends it: there are too many, or that failed. */
  'message.sent': { thread_id: string; message_id: string; sender_id: string };
  'message.edited': MessageEvent;
  /** For everyone, or for the one person whose side it is gone from. */
  'message.deleted': (MessageEvent & { for: 'everyone' }) | (MessageEvent & { for: 'one'; user_id: string });
  /** A request of a service is to be told to the next of its audience, or to be taken back from all. */
  'notification.requested': { request_id: string };
  'notification.retracted': { request_id: string };
  /** People were told of something: those whose ids lie between the first and the last, so many. */
  'notification.created': { source_id: string; first_user_id: string; last_user_id: string; count: number };
  /** An admin wants it tried again. */
  'delivery.requested': { delivery_id: string };
  /** No attempt sends there any more, since it answered 410 or has failed for days. */
  'webhook.disabled': { webhook_id: string; origin: string; cause: 'gone' | 'failing' };
  /**
   * A pause or quiet hours changed: of one person, in this organization or in all they are in, or of an organization
   * (null), whose people are worked through in parts.
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

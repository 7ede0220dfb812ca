import { hasBlocked } from '#blocking';
import type { Transaction } from '#database';
import type { OutboundDelivery } from '#outbound';
import type { ClaimedRow } from './queue-claims.queries.js';

/**
 * The claimed deliveries with their notifications and recipients, and everything that decides whether they should
 * still be sent. Deliveries whose lease was lost meanwhile are left out.
 */
const CLAIMED = `
  WITH claimed AS (
    SELECT delivery.* FROM unnest($2::uuid[], $3::integer[]) AS mine (id, attempts)
    CROSS JOIN LATERAL (
      SELECT id, notification_id, user_id, channel, target_id, digest, attempts FROM deliveries
      WHERE organization_id = $1 AND id = mine.id AND attempts = mine.attempts
        AND status = 'waiting' AND leased_until > now() OFFSET 0) AS delivery
  )
  SELECT json_build_object('id', $1::uuid,
           'name', (SELECT name FROM organizations WHERE id = $1)) AS organization,
         json_build_object('id', claimed.id, 'channel', claimed.channel, 'target_id', claimed.target_id,
           'digest', claimed.digest, 'attempts', claimed.attempts,
           'claimed_at', now()) AS delivery,
         to_json(notification) AS notification, to_json(person) AS recipient
  FROM claimed
  CROSS JOIN LATERAL (
    SELECT id, type, title, body, data, action_url, priority, actor_id, aggregation_id, decisions, created_at,
           read_at, deleted_at, expires_at,
           -- Only for messages, because data of other notifications is arbitrary.
           CASE WHEN message_seq IS NOT NULL THEN (data ->> 'thread_id')::uuid END AS thread_id
    FROM notifications WHERE notifications.organization_id = $1 AND notifications.id = claimed.notification_id
  ) AS notification
  CROSS JOIN LATERAL (
    SELECT members.user_id, display_name, email, removed_at,
           (SELECT muted_until FROM participants
            WHERE participants.organization_id = $1 AND participants.user_id = claimed.user_id
              AND participants.thread_id = notification.thread_id) AS muted_until,
           ${hasBlocked('claimed.user_id', 'notification.actor_id')} AS blocks_actor
    FROM members WHERE members.organization_id = $1 AND members.user_id = claimed.user_id) AS person
  ORDER BY claimed.id`;

export async function readClaimed(tx: Transaction, rows: ClaimedRow[]): Promise<OutboundDelivery[]> {
  const items = await tx.query<OutboundDelivery>(CLAIMED, [
    tx.organizationId,
    rows.map(({ id }) => id),
    rows.map(({ attempts }) => attempts),
  ]);
  return items.map(withTimes);
}

const time = (value: Date | null) => value && new Date(value);

/** Parses times, which are strings in JSON. */
function withTimes({ organization, delivery, notification, recipient }: OutboundDelivery): OutboundDelivery {
  return {
    organization,
    delivery: { ...delivery, claimed_at: new Date(delivery.claimed_at) },
    notification: {
      ...notification,
      created_at: new Date(notification.created_at),
      read_at: time(notification.read_at),
      deleted_at: time(notification.deleted_at),
      expires_at: time(notification.expires_at),
    },
    recipient: {
      ...recipient,
      removed_at: time(recipient.removed_at),
      muted_until: time(recipient.muted_until),
    },
  };
}

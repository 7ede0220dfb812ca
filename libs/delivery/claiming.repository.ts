import { JOB_SECONDS, type Transaction } from '#database';
import type { Parcel } from './parcel.js';

/** Shorter than the job: when that comes again, since its worker died, nobody holds the delivery. */
const LEASE_SECONDS = JOB_SECONDS - 5;

/** What is sent must have been answered by then, or is given up: before anybody else can take it. */
export const LONGEST_SEND_MILLISECONDS = (LEASE_SECONDS - 10) * 1000;

/** Counts an attempt, and takes what is due for one alone: whoever else has the same job finds nothing. */
const claim = (condition: string): string => `
  WITH claimed AS (
    UPDATE deliveries SET attempts = attempts + 1, leased_until = now() + make_interval(secs => ${LEASE_SECONDS})
    WHERE organization_id = $1 AND status = 'waiting' AND due_at <= now()
      AND (leased_until IS NULL OR leased_until < now()) AND ${condition}
    RETURNING id, notification_id, user_id, channel, target_id, digest, attempts, due_at
  )
  SELECT json_build_object('id', $1::uuid,
           'name', (SELECT name FROM organizations WHERE id = $1)) AS organization,
         json_build_object('id', claimed.id, 'channel', claimed.channel, 'target_id', claimed.target_id,
           'digest', claimed.digest, 'attempts', claimed.attempts, 'due_at', claimed.due_at) AS delivery,
         to_json(told) AS notification, to_json(person) AS recipient
  FROM claimed
  CROSS JOIN LATERAL (
    SELECT id, type, title, body, data, action_url, priority, actor_id, aggregation_id, decisions, created_at,
           read_at, deleted_at, expires_at,
           -- Of what services tell, data holds whatever they like.
           CASE WHEN message_seq IS NOT NULL THEN (data ->> 'thread_id')::uuid END AS thread_id
    FROM notifications AS told WHERE told.organization_id = $1 AND told.id = claimed.notification_id) AS told
  CROSS JOIN LATERAL (
    SELECT members.user_id, display_name, email, removed_at,
           (SELECT muted_until FROM participants
            WHERE participants.organization_id = $1 AND participants.user_id = claimed.user_id
              AND participants.thread_id = told.thread_id) AS muted_until,
           EXISTS (SELECT FROM blocks WHERE blocks.organization_id = $1 AND blocker_id = claimed.user_id
                   AND blocked_id = told.actor_id) AS blocks_actor
    FROM members WHERE members.organization_id = $1 AND members.user_id = claimed.user_id) AS person
  ORDER BY claimed.id`;

export async function claimDelivery(tx: Transaction, id: string): Promise<Parcel | undefined> {
  const [row] = await tx.query<Parcel>(claim('id = $2 AND digest IS NULL'), [tx.organizationId, id]);
  return row && withTimes(row);
}

/** All that is gathered of one person, at most so many; the oldest first. */
export async function claimDigest(tx: Transaction, userId: string, limit: number): Promise<Parcel[]> {
  const rows = await tx.query<Parcel>(
    // As an array, the rows are picked once: a join might pick some again, and lock more than the limit.
    claim(`id = ANY (ARRAY(
      SELECT id FROM deliveries WHERE organization_id = $1 AND user_id = $2 AND status = 'waiting'
        AND digest IS NOT NULL AND due_at <= now() AND (leased_until IS NULL OR leased_until < now())
      ORDER BY id LIMIT $3 FOR UPDATE))`),
    [tx.organizationId, userId, limit],
  );
  return rows.map(withTimes);
}

const time = (value: Date | null) => value && new Date(value);

/** Times in JSON are texts. */
function withTimes({ organization, delivery, notification, recipient }: Parcel): Parcel {
  return {
    organization,
    delivery: { ...delivery, due_at: new Date(delivery.due_at) },
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

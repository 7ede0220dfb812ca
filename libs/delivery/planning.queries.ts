import type { Transaction } from '#database';
import type { Endpoint, Planned, DeliverableNotification } from './plan.js';

/** The notifications of one source for people whose ids are in a range. Its size does not depend on the audience. */
export interface NotificationRange {
  source_id: string;
  first_user_id: string;
  last_user_id: string;
}

/**
 * The notifications of people with an address outside the app, and these addresses. There are often none. OFFSET 0
 * looks each up by its key: a join, planned while there were few rows, would read all notifications for each range.
 */
export const findDeliverable = (
  tx: Transaction,
  ranges: NotificationRange[],
  hasMail: boolean,
): Promise<DeliverableNotification[]> =>
  tx.query<DeliverableNotification>(
    `SELECT notification.id, notification.user_id, notification.type, notification.priority, notification.decisions,
            now() AS now, notification.read_at IS NOT NULL AS is_read,
            $5 AND email IS NOT NULL AS has_email,
            coalesce(time_zone, (SELECT document #>> '{quiet_hours,time_zone}' FROM organization_preferences
                                 WHERE organization_id = $1)) AS time_zone,
            ARRAY(SELECT id FROM push_subscriptions AS subscription
                  WHERE subscription.organization_id = $1 AND subscription.user_id = notification.user_id) AS subscriptions
     FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS range (source_id, first_user_id, last_user_id)
     CROSS JOIN LATERAL (
       SELECT id, user_id, type, priority, decisions, read_at FROM notifications
       WHERE organization_id = $1 AND source_id = range.source_id
         AND user_id BETWEEN range.first_user_id AND range.last_user_id AND deleted_at IS NULL OFFSET 0) AS notification
     CROSS JOIN LATERAL (
       SELECT email, time_zone FROM members
       WHERE organization_id = $1 AND user_id = notification.user_id AND removed_at IS NULL OFFSET 0) AS member
     WHERE $5::boolean AND email IS NOT NULL
       OR EXISTS (SELECT FROM webhook_endpoints WHERE organization_id = $1 AND disabled_at IS NULL)
       OR EXISTS (SELECT FROM push_subscriptions AS subscription
                  WHERE subscription.organization_id = $1 AND subscription.user_id = notification.user_id OFFSET 0)`,
    [
      tx.organizationId,
      ranges.map(({ source_id }) => source_id),
      ranges.map(({ first_user_id }) => first_user_id),
      ranges.map(({ last_user_id }) => last_user_id),
      hasMail,
    ],
  );

export const findEndpoints = (tx: Transaction): Promise<Endpoint[]> =>
  tx.query<Endpoint>(
    'SELECT id, types FROM webhook_endpoints WHERE organization_id = $1 AND disabled_at IS NULL',
    [tx.organizationId],
  );

/** Existing rows stay unchanged, because an event may be handled twice. */
export async function insertDeliveries(tx: Transaction, planned: Planned[]): Promise<void> {
  if (planned.length === 0) return;
  await tx.query(
    `INSERT INTO deliveries (organization_id, id, notification_id, user_id, channel, target_id, digest, urgent, due_at)
     SELECT $1, id, notification_id, user_id, channel, target_id, digest, urgent, coalesce(due_at, now())
     FROM jsonb_to_recordset($2) AS planned (id uuid, notification_id uuid, user_id uuid, channel text,
                                             target_id uuid, digest text, urgent boolean,
                                             due_at timestamptz)
     ON CONFLICT (organization_id, notification_id, channel, target_id) DO NOTHING`,
    [tx.organizationId, JSON.stringify(planned)],
  );
}

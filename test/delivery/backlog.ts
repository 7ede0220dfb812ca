import type { TestApi } from '../support/api.js';

/** Has so many more deliveries like this one wait, each of a notification of its own, all due. */
export async function addBacklog(api: TestApi, deliveryId: string, count: number): Promise<void> {
  await api.database.query(
    `WITH one AS (SELECT * FROM deliveries WHERE id = $1),
     more AS (
       INSERT INTO notifications
       SELECT (jsonb_populate_record(notifications, jsonb_build_object(
         'id', gen_random_uuid(), 'source_id', gen_random_uuid(), 'seq', seq + 1000 + number))).*
       FROM notifications JOIN one ON notifications.id = one.notification_id
       CROSS JOIN generate_series(1, $2::integer) AS number
       RETURNING id)
     INSERT INTO deliveries (organization_id, id, notification_id, user_id, channel, target_id, digest, due_at)
     SELECT organization_id, gen_random_uuid(), more.id, user_id, channel, target_id, digest,
            now() - interval '1 minute'
     FROM one CROSS JOIN more`,
    [deliveryId, count],
  );
}

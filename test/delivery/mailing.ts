import { expect } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { Client, TestApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

export const POLLING = { timeout: 15_000, interval: 20 };

/** An organization that sends e-mail, and somebody who gets it. */
export interface Mailing {
  api: TestApi;
  organization: TestOrganization;
  admin: Client;
  service: Client;
  ann: TestMember & { email: string };
  asAnn: Client;
}

export async function mailing(api: TestApi, given: object = {}): Promise<Mailing> {
  const { organization, admin } = await api.build.organizationWithAdmin();
  const email = `${uuid()}@example.com`;
  const ann = { ...(await api.build.member({ organization, email, ...given })), email };
  const service = await api.build.service(organization, ['notifications:send']);
  return { api, organization, admin, service, ann, asAnn: await api.as(ann) };
}

export const HOURLY_DIGESTS = { types: { BILLING: { email: 'hourly' }, SYSTEM: { email: 'hourly' } } };

/** Ann gets bills and news in hourly digests. */
export async function digestMailing(api: TestApi): Promise<Mailing> {
  const mail = await mailing(api);
  await mail.asAnn.patch('preferences', HOURLY_DIGESTS);
  return mail;
}

export interface DeliveryRow {
  id: string;
  notification_id: string;
  status: string;
  attempts: number;
  last_error: string | null;
  reason: string | null;
  digest: string | null;
  due_at: string;
  sent_at: Date | null;
}

/** As they stand in the table, oldest first; of what is closed, whether it was sent. */
export async function deliveries({ api, organization }: Mailing): Promise<DeliveryRow[]> {
  const rows = await api.database.query<Omit<DeliveryRow, 'due_at'> & { due_at: Date }>(
    `SELECT id, notification_id, attempts, last_error, reason, digest, due_at, sent_at,
            CASE WHEN status <> 'closed' THEN status WHEN sent_at IS NULL THEN 'cancelled' ELSE 'sent' END AS status
     FROM deliveries WHERE organization_id = $1 ORDER BY id LIMIT 100`,
    [organization.id],
  );
  return rows.map((row) => ({ ...row, due_at: row.due_at.toISOString() }));
}

/** Tells Ann of something, and answers with the notification's id. */
export async function notify({ service, ann, asAnn }: Mailing, given: object = {}): Promise<string> {
  const notice = { type: 'BILLING', title: 'Your invoice is there', body: 'Thank you.', ...given };
  const { status, text } = await service.post('notifications', { to: { users: [ann.id] }, ...notice });
  expect({ status, text }).toMatchObject({ status: 202 });
  const { body } = await asAnn.get('notifications?limit=1');
  return body.data[0].id as string;
}

/** Until it has been written down what is to become of so many. */
export const expectDeliveryCount = (mail: Mailing, count: number) =>
  expect.poll(async () => (await deliveries(mail)).length, POLLING).toBe(count);

export const expectStatuses = (mail: Mailing, ...statuses: string[]) =>
  expect.poll(async () => (await deliveries(mail)).map(({ status }) => status), POLLING).toEqual(statuses);

/** Has what waits of Ann come up now, as if its time had come. */
export async function makeDue(api: TestApi, mail: Mailing): Promise<void> {
  const rows = await api.database.query<{ id: string }>(
    `UPDATE deliveries SET due_at = date_trunc('milliseconds', now()), leased_until = NULL
     WHERE user_id = $1 AND status = 'waiting' RETURNING id`,
    [mail.ann.id],
  );
  for (const { id } of rows) await recordRequested(api, mail, id);
}

/** As an admin's retry does, which would not leave it in its digest. */
export const recordRequested = (api: TestApi, { organization }: Mailing, deliveryId: string) =>
  api.database.query(
    `INSERT INTO outbox (organization_id, id, type, payload)
     VALUES ($1, gen_random_uuid(), 'delivery.requested', jsonb_build_object('delivery_id', $2::uuid))`,
    [organization.id, deliveryId],
  );

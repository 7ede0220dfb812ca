import { expect } from 'vitest';
import type { Client, TestApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

/** An organization whose admin sets up webhooks, and whose service tells its one member. */
export interface WebhookTenant {
  organization: TestOrganization;
  admin: Client;
  member: TestMember;
  /** Tells the member, and answers with the id of the request. */
  notify(title: string, given?: object): Promise<void>;
  /** Makes a webhook; its id and secret. */
  hook(url: string, types?: string[]): Promise<{ id: string; secret: string }>;
}

export async function webhookTenant(api: TestApi): Promise<WebhookTenant> {
  const { organization, admin } = await api.build.organizationWithAdmin();
  const member = await api.build.member({ organization });
  const service = await api.build.service(organization, ['notifications:send']);
  return {
    organization,
    admin,
    member,
    notify: async (title, given = {}) => {
      const notice = { to: { users: [member.id] }, type: 'SYSTEM', title, body: 'All of it.', ...given };
      const { status, text } = await service.post('notifications', notice);
      expect(status, text).toBe(202);
    },
    hook: async (url, types) => {
      const { status, text, body } = await admin.post('admin/webhooks', { url, types });
      expect(status, text).toBe(201);
      return body as { id: string; secret: string };
    },
  };
}

export interface DeliveryRow {
  id: string;
  status: string;
  attempts: number;
  last_error: string | null;
  reason: string | null;
  due_at: Date;
  sent_at: Date | null;
}

/** As they stand in the table, the oldest first. */
export const deliveriesOf = (api: TestApi, organization: TestOrganization): Promise<DeliveryRow[]> =>
  api.database.query<DeliveryRow & Record<string, unknown>>(
    `SELECT id, status, attempts, last_error, reason, due_at, sent_at FROM deliveries
     WHERE organization_id = $1 AND leased_until IS NULL ORDER BY id`,
    [organization.id],
  );

/** Lets the time come for all that an organization has waiting. */
export async function makeDue(api: TestApi, organization: TestOrganization): Promise<void> {
  await api.database.query(
    `UPDATE deliveries SET due_at = now() WHERE organization_id = $1 AND status = 'waiting'`,
    [organization.id],
  );
}

export const POLLING = { timeout: 25_000, interval: 20 };

/** Waits until the only delivery of an organization looks like this. */
export const expectDelivery = (api: TestApi, organization: TestOrganization, like: object) =>
  expect.poll(() => deliveriesOf(api, organization), POLLING).toEqual([expect.objectContaining(like)]);

import type { Transaction } from '#database';
import type { Decisions } from '#preferences';

/** By which channels a person can be reached outside the feed. */
export interface Addresses {
  has_email: boolean;
  has_push: boolean;
}

/** SQL: that the person has a browser for web push. */
export const hasPush = (person: string): string =>
  `EXISTS (SELECT FROM push_subscriptions AS subscription
           WHERE subscription.organization_id = $1 AND subscription.user_id = ${person} OFFSET 0)`;

export async function findAddresses(tx: Transaction, userIds: string[]): Promise<Map<string, Addresses>> {
  const rows = await tx.query<Addresses & { user_id: string }>(
    `SELECT person.user_id, member.email IS NOT NULL AS has_email, ${hasPush('person.user_id')} AS has_push
     FROM unnest($2::uuid[]) AS person (user_id)
     CROSS JOIN LATERAL (
       SELECT email FROM members WHERE organization_id = $1 AND user_id = person.user_id OFFSET 0) AS member`,
    [tx.organizationId, userIds],
  );
  return new Map(rows.map((row) => [row.user_id, row]));
}

/** SQL: that the organization has a webhook, of whatever types. */
export const HAS_WEBHOOK =
  'EXISTS (SELECT FROM webhook_endpoints WHERE organization_id = $1 AND disabled_at IS NULL)';

export async function hasWebhooks(tx: Transaction): Promise<boolean> {
  const [found] = await tx.query<{ has_webhook: boolean }>(`SELECT ${HAS_WEBHOOK} AS has_webhook`, [
    tx.organizationId,
  ]);
  return found!.has_webhook;
}

/** Whether a delivery may have to be planned. */
export const isReachable = (
  { email, web_push, webhook }: Decisions,
  addresses: Addresses | undefined,
  hasWebhook: boolean,
): boolean =>
  (email.value !== 'off' && addresses?.has_email === true) ||
  (web_push.value !== 'off' && addresses?.has_push === true) ||
  (webhook.value !== 'off' && hasWebhook);
